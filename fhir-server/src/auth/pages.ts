/** Login, patient picker, consent and error pages: plain HTML that needs no script. */

/** Text that may stand in a page. */
class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Part = string | number | Html | readonly Html[];

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const render = (part: Part): string => {
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map((p) => p.text).join('');
  return String(part).replace(/[&<>"']/g, (c) => ESCAPES[c]!);
};

/** Everything put into the template is escaped, except what is Html already. */
const html = (strings: TemplateStringsArray, ...parts: Part[]): Html =>
  new Html(strings.map((s, i) => s + (i < parts.length ? render(parts[i]!) : '')).join(''));

export const STYLE = `
:root { color-scheme: light; font-family: system-ui, sans-serif; color: #17303a; background: #eef3f4; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; }
main { box-sizing: border-box; width: min(30rem, 100vw); background: #fff; padding: 2rem; border-radius: 12px; box-shadow: 0 2px 16px #17303a22; }
h1 { font-size: 1.35rem; margin: 0 0 .25rem; } p { line-height: 1.5; } .brand { color: #0b6b74; font-weight: 600; margin: 0 0 1.25rem; }
label { display: block; font-weight: 600; margin: 1rem 0 .3rem; }
input[type=text], input[type=password], input[type=search] { box-sizing: border-box; width: 100%; font: inherit; padding: .6rem .7rem; border: 1px solid #6a8790; border-radius: 8px; }
button { font: inherit; font-weight: 600; padding: .65rem 1.1rem; border-radius: 8px; border: 1px solid #0b6b74; background: #0b6b74; color: #fff; cursor: pointer; }
button.plain { background: #fff; color: #0b6b74; } button.row { display: flex; justify-content: space-between; width: 100%; background: #fff; color: #17303a; border-color: #c3d3d7; margin: .4rem 0; text-align: left; }
button.row span { color: #4a646d; font-weight: 400; } :focus-visible { outline: 3px solid #f0a202; outline-offset: 2px; }
.actions { display: flex; gap: .7rem; margin-top: 1.5rem; } .error { background: #fdecea; color: #8a1c12; padding: .7rem .9rem; border-radius: 8px; }
ul { list-style: none; padding: 0; } li label { display: flex; gap: .6rem; font-weight: 400; margin: .5rem 0; }
`;

function page(title: string, body: Html): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} – Dr. Assistant</title>
        <style>
          ${new Html(STYLE)}
        </style>
      </head>
      <body>
        <main>
          <p class="brand">Dr. Assistant</p>
          ${body}
        </main>
      </body>
    </html>`.text;
}

const NOTHING = html``;
const alert = (text: string | undefined): Html =>
  text === undefined ? NOTHING : html`<p class="error" role="alert">${text}</p>`;

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
