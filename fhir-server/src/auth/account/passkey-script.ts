/** The one script of the server's pages: hands a passkey's answer to its form. https://www.w3.org/TR/webauthn-3/#sctn-parseCreationOptionsFromJSON */

export const PASSKEY_SCRIPT = '/oauth2/passkey.js';

/** Plain JavaScript for browsers; says so where they have no passkeys. */
export const PASSKEY_SCRIPT_TEXT = `'use strict';
for (const form of document.querySelectorAll('form[data-passkey]')) {
  form.addEventListener('submit', async (event) => {
    if (form.elements.response.value !== '') return;
    event.preventDefault();
    const status = form.querySelector('[role=status]');
    try {
      const options = JSON.parse(form.dataset.options);
      const credential = form.dataset.passkey === 'create'
        ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
        : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
      form.elements.response.value = JSON.stringify(credential);
      form.submit();
    } catch {
      status.textContent = 'No passkey was used. Does this browser know passkeys, and is one of yours here?';
    }
  });
}
`;
