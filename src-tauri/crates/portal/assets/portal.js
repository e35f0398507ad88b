// What a page cannot do without a script: read the address's fragment, which no browser sends to a
// server, copy text, and print.

// A shortcut link reads <start URL>/#/console?account_id=…&role_name=…&destination=…
function openShortcut() {
  const shortcut = /^#\/console\?(.+)$/.exec(location.hash);
  if (!shortcut) return;
  const target = `/start/console?${new URLSearchParams(shortcut[1])}`;
  // Not signed in yet: the sign-in carries the target along.
  const fields = document.querySelectorAll("input[name=return_to]");
  if (fields.length === 0) location.replace(target);
  for (const field of fields) field.value = target;
}

function offerCopying() {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("button[data-copies]")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  }
}

async function copy(button) {
  const source = document.getElementById(button.dataset.copies);
  const told = document.getElementById("copied");
  try {
    await navigator.clipboard.writeText(source.innerText.trim() + "\n");
    told.textContent = `${button.dataset.what} copied.`;
    button.textContent = "Copied";
  } catch {
    told.textContent = "The browser did not allow copying. Select the text and copy it by hand.";
  }
  setTimeout(() => { button.textContent = "Copy"; }, 2000);
}

function offerPrinting() {
  for (const button of document.querySelectorAll("button[data-prints]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
}

addEventListener("hashchange", openShortcut);
openShortcut();
offerCopying();
offerPrinting();
