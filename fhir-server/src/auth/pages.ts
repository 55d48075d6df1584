/** Login and error pages. */
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
