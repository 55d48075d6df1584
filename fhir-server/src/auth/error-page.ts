/** The page of what cannot go on. */
import { html, page } from './page.ts';

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
