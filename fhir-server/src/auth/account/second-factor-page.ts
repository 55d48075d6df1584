/** The page on which a user sets up his second factors. */
import { alert, html, NOTHING, page, type Html } from '../page.ts';
import { done, tokenField } from './account-pages.ts';
import type { Factors } from './factors.ts';
import { recoveryList, totpFields } from './login-pages.ts';
import { PASSKEY_SCRIPT } from './passkey-script.ts';
import type { Passkey } from './passkeys.ts';
import type { TotpEnrolment } from './totp.ts';

const BASE = '/oauth2/account/second-factor';

export interface SecondFactorPage {
  readonly token: string;
  readonly factors: Factors;
  /** Where no authenticator app is set up yet. */
  readonly enrolment: TotpEnrolment | undefined;
  readonly passkeys: readonly Passkey[];
  /** JSON for `navigator.credentials.create`. */
  readonly passkeyCreation: string;
  /** Just made. */
  readonly codes?: readonly string[] | undefined;
  readonly fault?: string | undefined;
  readonly message?: string | undefined;
}

export function secondFactorPage(content: SecondFactorPage): string {
  const { codes, fault, message } = content;
  return page(
    'Second factor',
    html`<h1>Second factor</h1>
      ${alert(fault)} ${done(message)}
      ${
        codes === undefined
          ? NOTHING
          : html`<h2>Your recovery codes</h2>
              ${recoveryList(codes)}`
      }
      ${totpSection(content)} ${passkeySection(content)} ${recoverySection(content)}
      <p><a href="/oauth2/account">Back</a></p>
      <script src="${PASSKEY_SCRIPT}"></script>`,
  );
}

function totpSection({ enrolment, token }: SecondFactorPage): Html {
  const body =
    enrolment === undefined
      ? html`<p>It is set up.</p>
          <form method="post" action="${BASE}/remove-totp">
            ${tokenField(token)}<button class="plain" type="submit">Remove it</button>
          </form>`
      : html`<form method="post" action="${BASE}/totp">
          ${tokenField(token)}${totpFields(enrolment)}
          <div class="actions"><button type="submit">Confirm</button></div>
        </form>`;
  return html`<section aria-labelledby="totp">
    <h2 id="totp">Authenticator app</h2>
    ${body}
  </section>`;
}

function passkeySection({ passkeys, passkeyCreation, token }: SecondFactorPage): Html {
  const rows = passkeys.map(
    (key) =>
      html`<div class="entry">
        <p><strong>${key.name}</strong></p>
        <form method="post" action="${BASE}/remove-passkey">
          ${tokenField(token)}<input type="hidden" name="passkey" value="${key.id}" /><button
            class="plain"
            type="submit"
            aria-label="Remove ${key.name}"
          >
            Remove
          </button>
        </form>
      </div>`,
  );
  return html`<section aria-labelledby="passkeys">
    <h2 id="passkeys">Passkeys and security keys</h2>
    ${rows}
    <form method="post" action="${BASE}/passkey" data-passkey="create" data-options="${passkeyCreation}">
      ${tokenField(token)}<input type="hidden" name="response" /><label for="name">Name of the new one</label
      ><input id="name" name="name" type="text" maxlength="60" required />
      <div class="actions"><button class="plain" type="submit">Add a passkey</button></div>
      <p role="status"></p>
    </form>
  </section>`;
}

function recoverySection({ factors, token }: SecondFactorPage): Html {
  if (!factors.totp && factors.passkeys === 0) return NOTHING;
  return html`<section aria-labelledby="recovery">
    <h2 id="recovery">Recovery codes</h2>
    <p>${factors.recoveryCodes} are left.</p>
    <form method="post" action="${BASE}/recovery-codes">
      ${tokenField(token)}<button class="plain" type="submit">Make new ones</button>
    </form>
  </section>`;
}
