// A newcomer at Chromium: accepts an invitation, sets a password, adds the authenticator app that the
// portal asks for, and is in. Prints the app's secret; the cookies stay for what comes later.
//
//     node newcomer.cjs TASK.json
const fs = require("node:fs");
const { codeAfter, launch } = require("../chromium.cjs");
const { expectPath, expectText, go, offeredSecret, run, setPassword } = require("../portal.cjs");

const task = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));

run(async () => {
  const browser = await launch();
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(task.invitation);
  await expectText(page, "main", `Set the password with which ${task.user_name} signs in`);
  await setPassword(page, task.password);

  await expectPath(page, "/signin/enrol");
  const totp_secret = await offeredSecret(page);
  const code = await codeAfter("", totp_secret);
  await page.locator("#code").fill(code);
  await go(page, page.getByRole("button", { name: "Add and continue" }));
  // Recovery codes come with the first factor.
  await go(page, page.getByRole("link", { name: "I have kept them" }));
  await expectPath(page, "/start");

  await context.storageState({ path: task.cookies });
  // It has been used, so that the next one must be another.
  fs.writeFileSync(`${task.cookies}.code`, code);
  console.log(JSON.stringify({ totp_secret }));
  await browser.close();
});
