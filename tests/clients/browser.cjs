// A person at Chromium: opens an address, signs in where asked, answers the consent, and writes
// down the page on which it ended. With VESTIBULE_EXAMINE set, axe-core examines every page; with
// VESTIBULE_PRESS the button of that name is pressed at last.
//
//     node browser.cjs PERSON.json URL
const fs = require("node:fs");
const { codeAfter, examined, launch } = require("./chromium.cjs");
const { run } = require("./portal.cjs");

const person = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const address = process.argv[3];

const QUESTIONS = 'input[name="username"], input[name="password"], input[name="code"], button:text-is("Allow")';

async function main() {
  const browser = await launch();
  const context = await browser.newContext({
    storageState: fs.existsSync(person.cookies) ? person.cookies : undefined,
  });
  const page = await context.newPage();
  await page.goto(address);
  const flaws = await flawsOf(page);
  let steps = 0;
  while (await answered(page)) {
    if (++steps > 8) throw new Error(`still asked after ${steps} answers, at ${page.url()}`);
    flaws.push(...(await flawsOf(page)));
  }
  if (process.env.VESTIBULE_PRESS) {
    const button = page.getByRole("button", { name: process.env.VESTIBULE_PRESS }).first();
    await Promise.all([page.waitForEvent("load"), button.click()]);
    flaws.push(...(await flawsOf(page)));
  }
  // The next tab may be opening: it must not read half of them.
  await context.storageState({ path: `${person.cookies}.next` });
  fs.renameSync(`${person.cookies}.next`, person.cookies);
  const seen = {
    url: page.url().split(/[?#]/)[0],
    title: await page.title(),
    text: await page.innerText("body"),
    flaws,
  };
  fs.appendFileSync(person.seen, JSON.stringify(seen) + "\n");
  await browser.close();
}

/** What axe-core finds wrong with the page, where it is asked. */
async function flawsOf(page) {
  return process.env.VESTIBULE_EXAMINE ? examined(page, person.axe) : [];
}

/** Answers what the page asks, if anything, and waits for the next page. */
async function answered(page) {
  if ((await page.locator(QUESTIONS).count()) === 0) return false;
  let next;
  if (await page.locator('input[name="username"], input[name="password"]').count()) {
    await fillIfThere(page, "username", person.user_name);
    await fillIfThere(page, "password", person.password);
    next = page.locator('form:has(input[name="username"]) button, form:has(input[name="password"]) button');
  } else if (await page.locator('input[name="code"]').count()) {
    await page.locator('input[name="code"]').fill(await freshCode());
    next = page.locator('form:has(input[name="code"]) button');
  } else {
    next = page.locator(`button:text-is("${person.consent}")`);
  }
  await Promise.all([page.waitForEvent("load"), next.first().click()]);
  return true;
}

async function fillIfThere(page, name, value) {
  const input = page.locator(`input[name="${name}"]:not([type="hidden"])`);
  if (await input.count()) await input.fill(value);
}

/** A code that was not used in an earlier tab: each works once, so the next one may have to come. */
async function freshCode() {
  const used = `${person.cookies}.code`;
  const last = fs.existsSync(used) ? fs.readFileSync(used, "utf8") : "";
  const code = await codeAfter(last, person.totp_secret);
  fs.writeFileSync(used, code);
  return code;
}

run(main);
