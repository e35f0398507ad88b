// An administrator at Chromium who looks after a user, and the user at a browser of their own who
// feels it: sessions end, passwords and factors are reset, the user is disabled, enabled, deleted.
// axe-core examines every page on the way. Each step is told as a line; the last holds the flaws.
//
//     node administrator.cjs TASK.json
const fs = require("node:fs");
const { codeAfter, examined, launch } = require("./chromium.cjs");
const { expect, expectPath, expectText, go, offeredSecret, run, setPassword } = require("./portal.cjs");

const task = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const flaws = [];

async function main() {
  const browser = await launch();
  const [administrator, user, phone] = await Promise.all([0, 1, 2].map(async () => (await browser.newContext()).newPage()));
  await signIn(administrator, task.administrator);
  await signIn(user, task.user);
  await signIn(phone, task.user);

  await endOnesOwnSession(user, phone);
  await openUser(administrator);
  await endSession(administrator, user);
  await disable(administrator, user);
  await enable(administrator, user);
  await resetPassword(administrator, user);
  await resetFactors(administrator, user);
  await addFirstFactor(user);
  await removeUser(administrator, user);
  await browser.close();
  tell("flaws", flaws);
}

/** The user sees the phone's session, and ends it. */
async function endOnesOwnSession(user, phone) {
  await go(user, user.getByRole("link", { name: "Security" }));
  await go(user, user.getByRole("button", { name: /^End the session:/ }));
  await expectText(user, "#done", "has ended");
  await isSignedOut(phone);
  await user.goto(`${task.origin}/start`);
  await expectPath(user, "/start");
  tell("one's own session ended");
}

async function openUser(administrator) {
  await go(administrator, administrator.getByRole("link", { name: "Administration" }));
  await go(administrator, administrator.getByRole("link", { name: "Users" }).first());
  await administrator.getByLabel("User name or email address").fill(task.user.user_name.slice(0, 4));
  await go(administrator, administrator.getByRole("button", { name: "Find" }));
  await go(administrator, administrator.getByRole("link", { name: task.user.user_name, exact: true }));
  await look(administrator);
  tell("user found");
}

async function endSession(administrator, user) {
  await go(administrator, administrator.getByRole("button", { name: /^End the session:/ }));
  await expectText(administrator, "#done", "The session has ended.");
  await isSignedOut(user);
  tell("session ended");
}

/** With the answer nothing of the user's works any more. */
async function disable(administrator, user) {
  await signIn(user, task.user);
  await go(administrator, administrator.getByRole("link", { name: "Disable" }));
  await look(administrator);
  await go(administrator, administrator.getByRole("button", { name: "Disable the user" }));
  await isSignedOut(user);
  await givePassword(user, task.user);
  await expectText(user, "#problem", "do not go together");
  tell("disabled");
}

async function enable(administrator, user) {
  await go(administrator, administrator.getByRole("link", { name: "Enable" }));
  await go(administrator, administrator.getByRole("button", { name: "Enable the user" }));
  await signIn(user, task.user);
  tell("enabled");
}

async function resetPassword(administrator, user) {
  await go(administrator, administrator.getByRole("link", { name: "Reset the password" }));
  await look(administrator);
  await go(administrator, administrator.getByRole("button", { name: "Show a one-time password" }));
  await look(administrator);
  const password = await administrator.locator("#secret").textContent();
  await isSignedOut(user);
  await givePassword(user, task.user);
  await expectText(user, "#problem", "do not go together");
  await givePassword(user, { ...task.user, password });
  await expectPath(user, "/signin/password");
  await setPassword(user, task.new_password);
  await expectPath(user, "/start");
  tell("password reset");
}

async function resetFactors(administrator, user) {
  await go(administrator, administrator.getByRole("link", { name: "Open the user's page" }));
  await go(administrator, administrator.getByRole("link", { name: "Reset the factors" }));
  await look(administrator);
  await go(administrator, administrator.getByRole("button", { name: "Reset the factors" }));
  await administrator.locator("#factors").getByText("None yet.").waitFor();
  await isSignedOut(user);
  tell("factors reset");
}

/** With the first factor come recovery codes, to be copied or printed. */
async function addFirstFactor(user) {
  await signIn(user, { ...task.user, password: task.new_password });
  await user.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await user.addInitScript(() => {
    globalThis.print = () => (globalThis.printed = true);
  });
  await go(user, user.getByRole("link", { name: "Security" }));
  await go(user, user.getByRole("link", { name: "Add an authenticator app" }));
  const secret = await offeredSecret(user);
  await user.locator("#label").fill("Phone");
  await user.locator("#code").fill(await codeAfter("", secret));
  await go(user, user.getByRole("button", { name: "Add it" }));
  await look(user);
  const codes = await user.locator("#codes code").allTextContents();
  expect(codes.length === 10, `ten codes: ${codes}`);
  await user.getByRole("button", { name: "Copy" }).click();
  await user.getByText("Recovery codes copied.").waitFor();
  const copied = (await user.evaluate(() => navigator.clipboard.readText())).split("\n");
  expect(codes.every((code) => copied.includes(code)), `each on a line: ${copied}`);
  await user.getByRole("button", { name: "Print" }).click();
  expect(await user.evaluate(() => globalThis.printed), "printed");
  await go(user, user.getByRole("link", { name: "I have kept them" }));
  await expectText(user, "#recovery-left", "10 recovery codes");
  tell("recovery codes kept");
}

async function removeUser(administrator, user) {
  await go(administrator, administrator.getByRole("link", { name: "Delete" }));
  await look(administrator);
  await go(administrator, administrator.getByRole("button", { name: "Delete the user" }));
  await expectText(administrator, "#done", "The user is deleted.");
  expect((await administrator.getByRole("link", { name: task.user.user_name, exact: true }).count()) === 0, "gone");
  await isSignedOut(user);
  tell("deleted");
}

async function signIn(page, person) {
  await givePassword(page, person);
  await expectPath(page, "/start");
}

async function givePassword(page, person) {
  await page.goto(`${task.origin}/signin`);
  await page.locator("#username").fill(person.user_name);
  await page.locator("#password").fill(person.password);
  await go(page, page.getByRole("button", { name: "Sign in" }));
}

async function isSignedOut(page) {
  await page.goto(`${task.origin}/start`);
  await expectPath(page, "/signin");
}

async function look(page) {
  flaws.push(...(await examined(page, task.axe)));
}

function tell(step, value = true) {
  console.log(JSON.stringify({ [step]: value }));
}

run(main);
