/** Pages of the log-in: password, second factor, its set-up, a new password. */
import { alert, html, NOTHING, page, Html } from '../page.ts';
import { PASSKEY_SCRIPT } from './passkey-script.ts';
import type { TotpEnrolment } from './totp.ts';

export interface LoginPage {
  readonly app: string;
  readonly username: string;
  readonly providers: readonly { readonly id: string; readonly name: string }[];
  readonly fault?: string | undefined;
}

export function loginPage({ app, username, providers, fault }: LoginPage): string {
  const buttons = providers.map(
    (p) =>
      html`<button class="plain wide" type="submit" name="provider" value="${p.id}">
        Log in with ${p.name}
      </button>`,
  );
  return page(
    'Log in',
    html`<h1>Log in</h1>
      <p>to go on to ${app}</p>
      ${alert(fault)}
      <form method="post">
        <input type="hidden" name="step" value="login" />
        <label for="username">User name</label
        ><input
          id="username"
          name="username"
          type="text"
          autocomplete="username"
          value="${username}"
          required
          autofocus
        />
        <label for="password">Password</label
        ><input id="password" name="password" type="password" autocomplete="current-password" required />
        <div class="actions"><button type="submit">Log in</button></div>
      </form>
      ${
        buttons.length === 0
          ? NOTHING
          : html`<form method="post" aria-label="Other ways">
              <input type="hidden" name="step" value="federate" />${buttons}
            </form>`
      }`,
  );
}

/** Of six digits; phones show the right keys, and offer the code. */
const codeField = html`<label for="code">Code of six digits</label
  ><input
    id="code"
    name="code"
    type="text"
    inputmode="numeric"
    autocomplete="one-time-code"
    maxlength="7"
    required
  />`;

const startAgain = html`<form method="post">
  <input type="hidden" name="step" value="again" /><button class="link" type="submit">
    Log in as somebody else
  </button>
</form>`;

export interface FactorPage {
  readonly totp: boolean;
  /** JSON for `navigator.credentials.get`, where there are passkeys. */
  readonly passkeyRequest: string | undefined;
  readonly fault?: string | undefined;
}

export function factorPage({ totp, passkeyRequest, fault }: FactorPage): string {
  const totpForm = html`<form method="post">
    <input type="hidden" name="step" value="totp" />${codeField}
    <div class="actions"><button type="submit">Go on</button></div>
  </form>`;
  const passkeyForm = html`<form method="post" data-passkey="get" data-options="${passkeyRequest ?? ''}">
      <input type="hidden" name="step" value="passkey" /><input type="hidden" name="response" />
      <div class="actions"><button type="submit">Use a passkey</button></div>
      <p role="status"></p>
    </form>
    <script src="${PASSKEY_SCRIPT}"></script>`;
  return page(
    'Second factor',
    html`<h1>Second factor</h1>
      ${alert(fault)} ${totp ? html`<p>Your authenticator app shows a code for Dr. Assistant.</p>` : NOTHING}
      ${totp ? totpForm : NOTHING} ${passkeyRequest === undefined ? NOTHING : passkeyForm}
      <details>
        <summary>I do not have it with me</summary>
        <form method="post">
          <input type="hidden" name="step" value="recovery" />
          <label for="recovery">Recovery code</label
          ><input id="recovery" name="code" type="text" autocomplete="off" required />
          <div class="actions"><button class="plain" type="submit">Use this code up</button></div>
        </form>
      </details>
      ${startAgain}`,
  );
}

/** Fields of the set-up, for the form around them. */
export const totpFields = ({ secret, qrCode }: TotpEnrolment): Html =>
  html`<p>Scan this with an authenticator app of your choice, then type the code that it shows.</p>
    <div class="qr" role="img" aria-label="QR code of the secret below">${new Html(qrCode)}</div>
    <p>Or type the secret: <code>${secret}</code></p>
    ${codeField}`;

export function enrolPage(enrolment: TotpEnrolment, fault?: string): string {
  return page(
    'Set up a second factor',
    html`<h1>Set up a second factor</h1>
      <p>Your role needs one: somebody who learns your password shall not get in with it.</p>
      ${alert(fault)}
      <form method="post">
        <input type="hidden" name="step" value="enrol" />${totpFields(enrolment)}
        <div class="actions"><button type="submit">Confirm</button></div>
      </form>
      ${startAgain}`,
  );
}

export const recoveryList = (codes: readonly string[]): Html =>
  html`<p>
      Keep these codes where others do not find them. Each lets you in once when your second factor is lost.
      They are not shown again.
    </p>
    <ul class="codes">
      ${codes.map((code) => html`<li><code>${code}</code></li>`)}
    </ul>`;

export function recoveryPage(codes: readonly string[]): string {
  return page(
    'Recovery codes',
    html`<h1>Recovery codes</h1>
      ${recoveryList(codes)}
      <form method="post">
        <input type="hidden" name="step" value="go-on" />
        <div class="actions"><button type="submit">I have kept them</button></div>
      </form>`,
  );
}

export function newPasswordPage(lengthMin: number, fault?: string): string {
  return page(
    'New password',
    html`<h1>Choose a new password</h1>
      <p>The one that you were given is good for this once.</p>
      ${alert(fault)}
      <form method="post">
        <input type="hidden" name="step" value="new-password" />${newPasswordField(lengthMin)}
        <div class="actions"><button type="submit">Go on</button></div>
      </form>`,
  );
}

export const newPasswordField = (lengthMin: number): Html =>
  html`<label for="new">New password, of at least ${lengthMin} characters</label
    ><input
      id="new"
      name="password"
      type="password"
      autocomplete="new-password"
      minlength="${lengthMin}"
      required
    />`;
