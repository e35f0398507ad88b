// What security keys and passkeys cannot do without a script: ask the browser for one, and send its
// answer along with the form.

for (const form of document.querySelectorAll("form[data-ceremony]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    answer(form);
  });
}

async function answer(form) {
  const told = form.querySelector("[role=status]");
  const button = form.querySelector("button");
  if (!globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON) {
    told.textContent = "This browser cannot use security keys here. Use a newer one.";
    return;
  }
  button.disabled = true;
  told.textContent = "Follow the browser, and touch your key if it has a button.";
  try {
    const credential = await ask(form.dataset.ceremony, JSON.parse(form.dataset.options).publicKey);
    form.elements.namedItem("answer").value = JSON.stringify(credential);
    form.submit();
  } catch (error) {
    button.disabled = false;
    told.textContent = failure(error);
  }
}

function ask(ceremony, publicKey) {
  return ceremony === "create"
    ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey) })
    : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey) });
}

function failure(error) {
  if (error.name === "InvalidStateError") return "This key was added already. Use another one.";
  if (error.name === "NotAllowedError") return "Nothing was chosen, or it took too long. Try again.";
  return `The browser could not use a security key: ${error.message}`;
}
