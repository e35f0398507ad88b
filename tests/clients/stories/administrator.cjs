// An administrator at Chromium sets a company up through the pages under /admin, each of which is
// reached as people reach it: by links and buttons.
//
//     node administrator.cjs TASK.json
const fs = require("node:fs");
const { launch } = require("../chromium.cjs");
const { expectText, go, run } = require("../portal.cjs");

const task = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));

run(async () => {
  const browser = await launch();
  const context = await browser.newContext({ storageState: task.cookies });
  const page = await context.newPage();
  await page.goto(task.start_url);
  await go(page, page.getByRole("link", { name: "Administration" }));
  await customizeAddress(page, task.alias);
  for (const account of task.accounts) await addAccount(page, account);
  for (const group of task.groups) await createGroup(page, group);
  for (const person of task.people) await inviteUser(page, person);
  for (const set of task.permission_sets) await createPermissionSet(page, set);
  for (const grant of task.grants) await assign(page, grant);
  await context.storageState({ path: task.cookies });
  await browser.close();
});

async function customizeAddress(page, alias) {
  await section(page, "Settings");
  await page.getByLabel("Your own").fill(alias);
  await press(page, "Customize the address");
  await press(page, "Customize it for good");
  await expectText(page, "#done", "The settings are changed.");
  await expectText(page, "#address", `/${alias}`);
}

async function addAccount(page, account) {
  await section(page, "Accounts");
  await follow(page, "Add an account");
  await page.getByLabel("Name", { exact: true }).fill(account.name);
  await page.getByLabel("Email address").fill(account.email);
  await press(page, "Add the account");
  await expectText(page, "#done", "The account is created.");
}

async function createGroup(page, name) {
  await section(page, "Groups");
  await follow(page, "Create a group");
  await page.getByLabel("Name", { exact: true }).fill(name);
  await press(page, "Create the group");
  await expectText(page, "#done", "The group is created.");
}

/** Creates and invites a user, and adds them to their group. */
async function inviteUser(page, person) {
  await section(page, "Users");
  await follow(page, "Create a user");
  await page.getByLabel("User name").fill(person.user_name);
  await page.getByLabel("Email address").fill(person.email);
  await page.getByLabel("Display name").fill(person.display_name);
  await page.getByLabel("First password").selectOption({ label: "Send an invitation by email" });
  await press(page, "Create the user");
  await expectText(page, "#invitation", `the mail to ${person.email} that lies in the folder outbox`);

  await section(page, "Groups");
  await page.getByRole("searchbox").fill(person.group);
  await press(page, "Find");
  await follow(page, person.group);
  await follow(page, "Add members");
  await page.getByRole("searchbox").fill(person.user_name);
  await press(page, "Find");
  await press(page, `Add ${person.user_name} to ${person.group}`);
  await expectText(page, "#done", "The user is a member now.");
}

async function createPermissionSet(page, set) {
  await section(page, "Permission sets");
  await follow(page, "Create a permission set");
  const form = page.locator(set.predefined ? "#predefined-set" : "#custom-set");
  if (set.predefined) {
    await form.getByLabel("For", { exact: true }).selectOption(set.name);
  } else {
    await form.getByLabel("Name", { exact: true }).fill(set.name);
    await form.getByLabel("AWS managed policies").fill(set.policies.join("\n"));
  }
  await form.locator("[name=sessionDuration]").selectOption(String(set.hours));
  await go(page, form.locator('button[type="submit"]'));
  await expectText(page, "#done", "The permission set is created.");
}

/** The wizard's steps in order: accounts, groups, users, permission sets, review. */
async function assign(page, grant) {
  await section(page, "Assignments");
  await follow(page, "Assign");
  for (const picks of [grant.accounts, [grant.group], [], [grant.permission_set]]) {
    for (const name of picks) await page.getByRole("checkbox", { name, exact: true }).check();
    await press(page, "Continue");
  }
  await press(page, /^Make /);
  await expectText(page, "#assigned", "work");
}

/** Opens a section of the administration by the menu. */
async function section(page, name) {
  const menu = page.getByRole("navigation", { name: "Administration", exact: true });
  await go(page, menu.getByRole("link", { name, exact: true }));
}

async function follow(page, name) {
  await go(page, page.locator("main > .stack").getByRole("link", { name, exact: true }).first());
}

async function press(page, name) {
  await go(page, page.getByRole("button", { name, exact: true }));
}
