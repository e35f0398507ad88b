// A person at Chromium who looks after their own sign-in: sets a password, adds factors, signs in
// with each, and sees that none works twice. axe-core examines every page on the way. The security
// keys are Chromium's own virtual ones. Each step is told as a line; the last line holds the flaws.
//
//     node security.cjs TASK.json
const fs = require("node:fs");
const { codeAfter, examined, launch } = require("./chromium.cjs");
const { expect, expectPath, expectText, go, offeredSecret, run, setPassword } = require("./portal.cjs");

const task = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const flaws = [];

async function main() {
  const browser = await launch();
  const context = await browser.newContext();
  const page = await context.newPage();
  const keys = await context.newCDPSession(page);
  await keys.send("WebAuthn.enable", { enableUI: false });

  await replaceOneTimePassword(page);
  await acceptInvitation(page);
  await enrolWithKey(page, keys);
  await addFactors(page);
  const codes = await makeRecoveryCodes(page);
  await signInWithKey(page);
  await signInWithPlainKey(page, keys);
  await signInWithRecoveryCode(page, codes);
  await lookAround(page);
  await changePassword(page);
  await removeFactors(page);
  await browser.close();
  tell("flaws", flaws);
}

/** A password that an administrator gave opens nothing but the page that replaces it. */
async function replaceOneTimePassword(page) {
  await givePassword(page, task.one_time.user_name, task.one_time.password);
  await expectPath(page, "/signin/password");
  await look(page);
  await page.goto(`${task.origin}/start`);
  await expectPath(page, "/signin");
  await page.goto(`${task.origin}/signin/password`);
  await setPassword(page, "latecomer's own");
  await expectText(page, "#problem", "your name");
  await look(page);
  await setPassword(page, task.password);
  await expectPath(page, "/signin/enrol");
  await look(page);
  tell("one-time password replaced");
}

/** From the mailed link to the question for a factor; a weak password is refused beside its field. */
async function acceptInvitation(page) {
  await look(page, "/forgot-password");
  await look(page, task.invitation);
  await setPassword(page, "password1234");
  await expectText(page, "#problem", "first passwords anyone would try");
  await setPassword(page, task.password);
  await expectPath(page, "/signin/enrol");
  tell("invitation accepted");
}

/** The first factor is a passkey, added on the way in. */
async function enrolWithKey(page, keys) {
  await virtualKey(keys, { protocol: "ctap2", transport: "internal", isUserVerified: true });
  await page.getByText("Use a security key or passkey instead").click();
  await look(page);
  await go(page, page.getByRole("button", { name: "Add and continue" }));
  await look(page);
  expect((await page.locator("#codes code").count()) === 10, "recovery codes come with the first factor");
  await go(page, page.getByRole("link", { name: "I have kept them" }));
  await expectPath(page, "/start");
  tell("passkey enrolled");
}

async function addFactors(page) {
  await go(page, page.getByRole("link", { name: "Security" }));
  await look(page);
  await go(page, page.getByRole("link", { name: "Add an authenticator app" }));
  await look(page);
  const secret = await offeredSecret(page);
  await page.locator("#label").fill("Phone");
  await page.locator("#code").fill("000000");
  await go(page, page.getByRole("button", { name: "Add it" }));
  await expectText(page, "#problem", "does not fit");
  const code = await codeAfter("", secret);
  await page.locator("#code").fill(code);
  await go(page, page.getByRole("button", { name: "Add it" }));
  await expectText(page, "#done", "added");
  tell("authenticator app added");
}

async function makeRecoveryCodes(page) {
  await go(page, page.getByRole("link", { name: "New recovery codes" }));
  await look(page);
  await go(page, page.getByRole("button", { name: "Make new codes" }));
  await look(page);
  const codes = await page.locator("#codes code").allTextContents();
  expect(codes.length === 10 && new Set(codes).size === 10, `ten codes: ${codes.length}`);
  tell("recovery codes made");
  return codes;
}

/** The key signs in; what it said signs in nobody a second time. */
async function signInWithKey(page) {
  await signOutAndGivePassword(page);
  await look(page);
  const [request] = await Promise.all([
    page.waitForRequest((request) => request.url().endsWith("/signin/security-key")),
    page.waitForURL("**/start"),
    page.getByRole("button", { name: "Use a security key or passkey" }).click(),
  ]);
  tell("signed in with the passkey");
  const said = new URLSearchParams(request.postData());
  await signOutAndGivePassword(page);
  for (const ceremony of [said.get("ceremony"), await page.locator("[name=ceremony]").inputValue()]) {
    const replayed = await page.request.post(`${task.origin}/signin/security-key`, {
      form: { csrf: await page.locator("[name=csrf]").first().inputValue(), ceremony, answer: said.get("answer") },
    });
    expect(replayed.status() === 403, `a replayed answer is refused: ${replayed.status()}`);
  }
  tell("a replayed answer refused");
}

/** A key of the first generation, which knows no PIN and no fingerprint. */
async function signInWithPlainKey(page, keys) {
  await page.goto(`${task.origin}/signin/code`);
  await go(page, page.getByRole("button", { name: "Use a security key or passkey" }));
  await go(page, page.getByRole("link", { name: "Security" }));
  await virtualKey(keys, { protocol: "u2f", transport: "usb", isUserVerified: false });
  await go(page, page.getByRole("link", { name: "Add a security key or passkey" }));
  await look(page);
  await page.locator("#label").fill("Blue key");
  await go(page, page.getByRole("button", { name: "Add it" }));
  await expectText(page, "#done", "added");
  await signOutAndGivePassword(page);
  await go(page, page.getByRole("button", { name: "Use a security key or passkey" }));
  await expectPath(page, "/start");
  tell("signed in with a key that only asks for a touch");
  // Another person's key is no answer.
  await signOutAndGivePassword(page);
  await virtualKey(keys, { protocol: "ctap2", transport: "usb", isUserVerified: true });
  await page.getByRole("button", { name: "Use a security key or passkey" }).click();
  await page.getByText("Nothing was chosen, or it took too long.").waitFor();
  tell("a strange key refused");
}

async function signInWithRecoveryCode(page, codes) {
  await signOutAndGivePassword(page);
  await giveRecoveryCode(page, codes[3]);
  await expectPath(page, "/start");
  await signOutAndGivePassword(page);
  await giveRecoveryCode(page, codes[3]);
  await expectText(page, "#problem", "not accepted");
  await giveRecoveryCode(page, codes[4].toUpperCase());
  await expectPath(page, "/start");
  tell("each recovery code works once");
}

async function giveRecoveryCode(page, code) {
  const field = page.locator("#recovery_code");
  if (!(await field.isVisible())) await page.getByText("Use a recovery code").click();
  await field.fill(code);
  await go(page, page.getByRole("button", { name: "Continue with it" }));
}

async function lookAround(page) {
  await look(page, "/security/confirm");
  await look(page, "/security");
  await expectText(page, "#recovery-left", "8 recovery codes");
  await go(page, page.getByRole("button", { name: /^Forget the device/ }).first());
  await expectText(page, "#done", "It is forgotten.");
  await go(page, page.getByRole("button", { name: "Forget all" }));
  await expectText(page, "#done", "forgotten");
  tell("places forgotten");
}

async function changePassword(page) {
  await look(page, "/security/password");
  await page.locator("#current").fill(task.password);
  await setPassword(page, `${task.password}, changed`);
  await expectText(page, "#done", "Your password is changed");
  tell("password changed");
}

async function removeFactors(page) {
  const links = page.getByRole("link", { name: "Rename or remove" });
  for (let left = await links.count(); left > 0; left--) {
    await go(page, links.first());
    await look(page);
    await go(page, page.locator("#remove button"));
    await expectText(page, "#done", "removed");
  }
  await page.locator("#no-factors").waitFor();
  tell("factors removed");
}

/** One virtual key in place of whatever was there before. */
async function virtualKey(keys, options) {
  for (const id of virtualKey.plugged) await keys.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId: id, enabled: false });
  const { authenticatorId } = await keys.send("WebAuthn.addVirtualAuthenticator", {
    options: { hasUserVerification: options.protocol === "ctap2", automaticPresenceSimulation: true, ...options },
  });
  virtualKey.plugged.push(authenticatorId);
}
virtualKey.plugged = [];

async function signOutAndGivePassword(page) {
  await page.goto(`${task.origin}/start`);
  if (await page.locator("#sign-out").count()) await go(page, page.locator("#sign-out"));
  await givePassword(page, task.user_name, task.password);
  await expectPath(page, "/signin/code");
}

async function givePassword(page, userName, password) {
  await page.goto(`${task.origin}/signin`);
  await page.locator("#username").fill(userName);
  await page.locator("#password").fill(password);
  await go(page, page.getByRole("button", { name: "Sign in" }));
}

/** Opens a page, if one is named, and lets axe-core look at it. */
async function look(page, path) {
  if (path) await page.goto(new URL(path, task.origin).href);
  flaws.push(...(await examined(page, task.axe)));
}

function tell(step, value = true) {
  console.log(JSON.stringify({ [step]: value }));
}

run(main);
