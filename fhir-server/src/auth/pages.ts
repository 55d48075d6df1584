/** Login, patient picker, consent and error pages: plain HTML that needs no script. */

import { alert, html, page } from './page.ts';

export function loginPage(app: string, username: string, fault?: string): string {
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
      </form>`,
  );
}

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

export interface OfferedScope {
  readonly scope: string;
  readonly words: string;
}

export function consentPage(app: string, patientField: string, scopes: readonly OfferedScope[]): string {
  const rows = scopes.map(
    (s) =>
      html`<li>
        <label><input type="checkbox" name="scope" value="${s.scope}" checked /> ${s.words}</label>
      </li>`,
  );
  return page(
    'Allow access',
    html`<h1>Allow ${app} access?</h1>
      <p>It asks to be allowed to do this for you. Untick what you do not want.</p>
      <form method="post">
        <input type="hidden" name="step" value="consent" /><input
          type="hidden"
          name="picked"
          value="${patientField}"
        />
        <ul>
          ${rows}
        </ul>
        <div class="actions">
          <button type="submit" name="decision" value="allow">Allow</button>
          <button class="plain" type="submit" name="decision" value="deny">Deny</button>
        </div>
      </form>`,
  );
}

export function errorPage(error: string, description: string): string {
  return page(
    'Not possible',
    html`<h1>This did not work</h1>
      <p role="alert">${description === '' ? error : description}</p>
      <p>
        Close this page and start again from the app. If it happens again, tell those who run it: ${error}.
      </p>`,
  );
}
