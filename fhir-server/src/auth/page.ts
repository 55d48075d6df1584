/** The frame of every page of the server, and text made safe for it: plain HTML that needs no script. */

/** Text that may stand in a page. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type Part = string | number | Html | readonly Html[];

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
export const html = (strings: TemplateStringsArray, ...parts: Part[]): Html =>
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
.actions { display: flex; gap: .7rem; margin-top: 1.5rem; } .notice { background: #fff6e0; padding: .7rem .9rem; border-radius: 8px; } fieldset { border: 1px solid #c3d3d7; border-radius: 8px; margin: .3rem 0 .8rem 1.6rem; } .error { background: #fdecea; color: #8a1c12; padding: .7rem .9rem; border-radius: 8px; }
button.wide { display: block; width: 100%; margin-top: .7rem; } button.link { border: 0; background: none; color: #0b6b74; padding: .6rem 0; text-decoration: underline; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; } a { color: #0b6b74; } code { overflow-wrap: anywhere; } .qr svg { width: 12rem; height: 12rem; } summary { cursor: pointer; padding: .6rem 0; }
.done { background: #e5f4ea; color: #14532d; padding: .7rem .9rem; border-radius: 8px; } .entry { border-top: 1px solid #c3d3d7; padding: .7rem 0; } .entry p { margin: .2rem 0; } .small { color: #4a646d; font-size: .9rem; overflow-wrap: anywhere; }
.codes { columns: 2; } .points { list-style: disc; padding-left: 1.2rem; margin: .3rem 0; }
ul { list-style: none; padding: 0; } li label { display: flex; gap: .6rem; font-weight: 400; margin: .5rem 0; }
`;

export function page(title: string, body: Html): string {
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

export const NOTHING = html``;
export const alert = (text: string | undefined): Html =>
  text === undefined ? NOTHING : html`<p class="error" role="alert">${text}</p>`;
