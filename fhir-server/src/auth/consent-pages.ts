/** The pages on which a person chooses a patient and allows what an app asks for. */
import { alert, html, page } from './page.ts';

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
