// A person at Chromium: opens an address, signs in where asked, answers the consent, and writes
// down the page on which it ended. With VESTIBULE_EXAMINE set, axe-core examines every page; with
// VESTIBULE_PRESS the button of that name is pressed at last.
//
//     node browser.cjs PERSON.json URL
const { createHmac } = require("node:crypto");
const fs = require("node:fs");
const { chromium } = require("playwright-core");

const person = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const address = process.argv[3];

const QUESTIONS = 'input[name="username"], input[name="password"], input[name="code"], button:text-is("Allow")';

async function main() {
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-background-networking", "--disable-gpu"],
  });
  const context = await browser.newContext({
    storageState: fs.existsSync(person.cookies) ? person.cookies : undefined,
  });
  const page = await context.newPage();
  await page.goto(address);
  const flaws = await examined(page);
  let steps = 0;
  while (await answered(page)) {
    if (++steps > 8) throw new Error(`still asked after ${steps} answers, at ${page.url()}`);
    flaws.push(...(await examined(page)));
  }
  if (process.env.VESTIBULE_PRESS) {
    const button = page.getByRole("button", { name: process.env.VESTIBULE_PRESS }).first();
    await Promise.all([page.waitForEvent("load"), button.click()]);
    flaws.push(...(await examined(page)));
  }
  await context.storageState({ path: person.cookies });
  const seen = {
    url: page.url().split(/[?#]/)[0],
    title: await page.title(),
    text: await page.innerText("body"),
    flaws,
  };
  fs.appendFileSync(person.seen, JSON.stringify(seen) + "\n");
  await browser.close();
}

/** What axe-core finds wrong with the page, all of it unfolded, in light and in dark. */
async function examined(page) {
  if (!process.env.VESTIBULE_EXAMINE) return [];
  await page.evaluate(() => document.querySelectorAll("details").forEach((one) => (one.open = true)));
  await page.evaluate(fs.readFileSync(person.axe, "utf8"));
  const flaws = [];
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const { violations } = await page.evaluate(() => axe.run());
    for (const { id, nodes } of violations) {
      flaws.push(...nodes.map(({ html }) => `${page.url()} in ${colorScheme}: ${id}: ${html}`));
    }
  }
  return flaws;
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
  let code = totp(person.totp_secret);
  while (code === last) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    code = totp(person.totp_secret);
  }
  fs.writeFileSync(used, code);
  return code;
}

/** RFC 6238 with SHA-1, six digits, thirty seconds. */
function totp(secret) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const digest = createHmac("sha1", base32(secret)).update(counter).digest();
  const offset = digest[digest.length - 1] & 0xf;
  const number = (digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000;
  return String(number).padStart(6, "0");
}

function base32(text) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  let bits = "";
  for (const letter of text.replace(/=+$/, "")) bits += alphabet.indexOf(letter).toString(2).padStart(5, "0");
  return Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
