// Someone who is signed in opens the portal by the address they were given, and the management
// console of every role they see there. Prints what the portal lists and what each console says.
//
//     node visitor.cjs TASK.json
const fs = require("node:fs");
const { launch } = require("../chromium.cjs");
const { expectPath, run } = require("../portal.cjs");

const task = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));

run(async () => {
  const browser = await launch();
  const context = await browser.newContext({ storageState: task.cookies });
  const page = await context.newPage();
  await page.goto(task.address);
  await expectPath(page, "/start");
  const roles = [];
  for (const account of await page.locator("details.account").all()) {
    if ((await account.getAttribute("open")) === null) await account.locator("summary").click();
    for (const role of await account.locator("ul.roles > li").all()) {
      roles.push({
        account: await account.getByRole("heading").textContent(),
        account_id: await account.locator(".account-id").textContent(),
        role: await role.getAttribute("data-role-name"),
        console: await consoleOf(context, role),
      });
    }
  }
  const administers = (await page.locator("#administration").count()) === 1;
  console.log(JSON.stringify({ roles, administers }));
  await browser.close();
});

/** What stands on the console's page, which opens in a tab of its own. */
async function consoleOf(context, role) {
  const opened = context.waitForEvent("page");
  await role.getByRole("link", { name: "Management console" }).click();
  const tab = await opened;
  await tab.locator("#console").waitFor();
  const text = (id) => tab.locator(id).textContent();
  const seen = {
    account: await text("#account-name"),
    account_id: await text("#account-id"),
    role: await text("#role-name"),
    user: await text("#user-name"),
    policies: await tab.locator("#policies li").allTextContents(),
    expires: await tab.locator("#expires").getAttribute("datetime"),
  };
  await tab.close();
  return seen;
}
