/** The pages on which a person chooses a patient and allows what an app asks for. */
import { alert, html, NOTHING, page, type Html } from './page.ts';

export interface OfferedPatient {
  readonly id: string;
  readonly name: string;
  readonly birthDate?: string;
}

export function pickerPage(
  app: string,
  text: string,
  patients: readonly OfferedPatient[],
  fault?: string,
): string {
  const rows = patients.map(
    (p) =>
      html`<button class="row" type="submit" name="patient" value="${p.id}">
        ${p.name}<span>${p.birthDate ?? ''}</span>
      </button>`,
  );
  return page(
    'Choose a patient',
    html`<h1>Choose a patient</h1>
      <p>${app} will see the record of the patient that you choose.</p>
      ${alert(fault)}
      <form method="get">
        <label for="name">Name</label><input id="name" name="name" type="search" value="${text}" />
        <div class="actions"><button class="plain" type="submit">Search</button></div>
      </form>
      <form method="post" aria-label="Patients">
        <input type="hidden" name="step" value="patient" />
        ${rows.length === 0 ? html`<p>No patient of this name is found among those that you may see.</p>` : rows}
      </form>`,
  );
}

/** For whom no patient is to be seen: he can only go back. */
export function noPatientPage(app: string): string {
  return page(
    'No patient to choose',
    html`<h1>There is no patient that you may choose</h1>
      <p role="alert">
        ${app} asks for the record of a patient. Your account may see no patient’s record here, so nothing can
        be shared with it.
      </p>
      <form method="post">
        <div class="actions">
          <button type="submit" name="decision" value="deny">Go back to the app</button>
        </div>
      </form>`,
  );
}

export interface OfferedScope {
  readonly scope: string;
  readonly words: string;
  /** Parts of it, of which some can be allowed in its place. */
  readonly narrower: readonly { readonly scope: string; readonly words: string }[];
}

export interface ConsentForm {
  readonly app: string;
  /** Where the answer goes. */
  readonly redirect: string;
  /** The sealed choice of an earlier page. */
  readonly picked: string;
  readonly isOffline: boolean;
  readonly scopes: readonly OfferedScope[];
}

const OFFLINE = html`<p class="notice">
  It asks for lasting access: it can go on <strong>when you are logged out and no longer there</strong>, until
  you take it back. Untick “Go on when you are no longer there” to allow it for this time only.
</p>`;

export function consentPage({ app, redirect, picked, isOffline, scopes }: ConsentForm): string {
  return page(
    'Allow access',
    html`<h1>Allow ${app} access?</h1>
      <p>It asks to be allowed to do this for you. Untick what you do not want.</p>
      ${isOffline ? OFFLINE : NOTHING}
      <form method="post">
        <input type="hidden" name="step" value="consent" /><input
          type="hidden"
          name="picked"
          value="${picked}"
        />
        <ul>
          ${scopes.map(scopeRow)}
        </ul>
        <p>The answer goes to ${destination(redirect)}.</p>
        <div class="actions">
          <button type="submit" name="decision" value="allow">Allow</button>
          <button class="plain" type="submit" name="decision" value="deny">Deny</button>
        </div>
      </form>`,
  );
}

function scopeRow({ scope, words, narrower }: OfferedScope): Html {
  const parts = narrower.map(
    (part) =>
      html`<li>
        <label><input type="checkbox" name="narrow" value="${part.scope}" /> ${part.words}</label>
      </li>`,
  );
  return html`<li>
    <label><input type="checkbox" name="scope" value="${scope}" checked /> ${words}</label>
    ${
      parts.length === 0
        ? NOTHING
        : html`<fieldset>
            <legend>To allow parts of it only, tick these:</legend>
            <ul>
              ${parts}
            </ul>
          </fieldset>`
    }
  </li>`;
}

/** The site, or for an app on the user's own device the scheme that it is known by. */
const destination = (redirect: string): string => {
  const { host, protocol } = new URL(redirect);
  return host === '' ? `an app on this device (${protocol.slice(0, -1)})` : host;
};
