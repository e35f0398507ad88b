// What people do on every page of the portal. Each act ends with the page that it leads to.

/** Presses something that leads to another page. */
async function go(page, locator) {
  const loaded = page.waitForEvent("load").catch(async () => {
    throw new Error(`nothing came of it: ${await page.innerText("main")}`);
  });
  await Promise.all([loaded, locator.click()]);
}

/** Types a new password twice. */
async function setPassword(page, password) {
  await page.locator("#password").fill(password);
  await page.locator("#repeated").fill(password);
  await go(page, page.locator('form:has(#repeated) button[type="submit"]'));
}

/** The secret that the page offers to an authenticator app. */
async function offeredSecret(page) {
  return (await page.locator("#totp-secret").textContent()).replace(/\s/g, "");
}

async function expectPath(page, path) {
  const { pathname } = new URL(page.url());
  expect(pathname === path, `at ${pathname} instead of ${path}: ${await page.innerText("main")}`);
}

async function expectText(page, selector, words) {
  const text = await page.locator(selector).textContent({ timeout: 20_000 });
  expect(text.includes(words), `${selector} says ${text}`);
}

function expect(truth, words) {
  if (!truth) throw new Error(words);
}

/** Runs a script, whose fault is its exit code. */
function run(main) {
  main().catch((error) => {
    console.error(error);
    process.exit(1);
  });
}

module.exports = { go, setPassword, offeredSecret, expectPath, expectText, expect, run };
