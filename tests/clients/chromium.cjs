// What everybody at Chromium needs: the browser, codes of an authenticator app, and axe-core's eyes.
const { createHmac } = require("node:crypto");
const fs = require("node:fs");
const { chromium } = require("playwright-core");

/** The system's Chromium, without a window. */
function launch() {
  return chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-background-networking", "--disable-gpu"],
  });
}

/** As wide as most telephones, in CSS pixels. */
const TELEPHONE = { width: 390, height: 844 };

/**
 * What axe-core, which lies at `axe`, finds wrong with the page, all of it unfolded, in light and in dark; and whether
 * it is wider than a telephone.
 */
async function examined(page, axe) {
  await page.evaluate(() => document.querySelectorAll("details").forEach((one) => (one.open = true)));
  await page.evaluate(fs.readFileSync(axe, "utf8"));
  const flaws = [];
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const { violations } = await page.evaluate(() => globalThis.axe.run());
    for (const { id, nodes } of violations) {
      flaws.push(...nodes.map(({ html }) => `${page.url()} in ${colorScheme}: ${id}: ${html}`));
    }
  }
  const before = page.viewportSize();
  await page.setViewportSize(TELEPHONE);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  if (width > TELEPHONE.width) flaws.push(`${page.url()} is ${width} pixels wide on a telephone`);
  if (before) await page.setViewportSize(before);
  return flaws;
}

/** A code of `secret` that is not `last`: each works once, so the next one may have to come. */
async function codeAfter(last, secret) {
  let code = totp(secret);
  while (code === last) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    code = totp(secret);
  }
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

module.exports = { launch, examined, codeAfter };
