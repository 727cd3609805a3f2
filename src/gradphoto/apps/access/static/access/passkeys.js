"use strict";
// Passkeys (WebAuthn Level 2): the server's options in, the browser's credential out, as JSON with base64url bytes.

const toBytes = (text) => {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
};

const toText = (buffer) => {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
};

const withBytes = (options) => {
  const made = { ...options, challenge: toBytes(options.challenge) };
  if (made.user) made.user = { ...made.user, id: toBytes(made.user.id) };
  for (const list of ["allowCredentials", "excludeCredentials"]) {
    if (made[list]) made[list] = made[list].map((one) => ({ ...one, id: toBytes(one.id) }));
  }
  return made;
};

const asText = (credential) => {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = toText(credential.response[name]);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  });
};

const printedOptions = () => JSON.parse(document.getElementById("passkey-options").textContent);

const CEREMONIES = {
  "create": async (form) => {
    const options = withBytes(printedOptions().creation_options.publicKey);
    const alone = form.elements.passwordless.checked;
    options.authenticatorSelection = {
      ...options.authenticatorSelection,
      residentKey: alone ? "required" : "discouraged",
      requireResidentKey: alone,
    };
    if (alone) options.authenticatorSelection.userVerification = "required";
    return navigator.credentials.create({ publicKey: options });
  },
  "get": async () => navigator.credentials.get({ publicKey: withBytes(printedOptions().request_options.publicKey) }),
  "sign-in": async (form) => {
    const answer = await fetch(form.action, { headers: { "Accept": "application/json" } });
    if (!answer.ok) throw new Error(`${answer.status}`);
    const { request_options: options } = await answer.json();
    return navigator.credentials.get({ publicKey: withBytes(options.publicKey) });
  },
};

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  const failed = form.querySelector("[data-passkey-failed]");
  form.querySelector("button").addEventListener("click", async () => {
    if (failed) failed.hidden = true;
    try {
      form.elements.credential.value = asText(await CEREMONIES[form.dataset.passkey](form));
      form.submit();
    } catch {
      if (failed) failed.hidden = false;
    }
  });
}
