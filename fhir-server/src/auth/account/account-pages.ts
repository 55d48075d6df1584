/** The pages on which a user looks after his own account. */
import { alert, html, NOTHING, page, type Html } from '../page.ts';
import { scopeInWords } from '../scope-words.ts';
import type { UserAccount } from '../user-store.ts';
import type { AppAccess } from './app-access.ts';
import type { LinkedIdentity } from './federation-store.ts';
import { newPasswordField } from './login-pages.ts';
import type { SessionEntry } from './sessions.ts';

const BASE = '/oauth2/account';

/** The field that binds a form to the session. */
export const tokenField = (token: string): Html =>
  html`<input type="hidden" name="token" value="${token}" />`;

export const done = (text: string | undefined): Html =>
  text === undefined ? NOTHING : html`<p class="done" role="status">${text}</p>`;

const day = (date: Date): string => date.toISOString().slice(0, 16).replace('T', ' ');

export interface HomePage {
  readonly user: UserAccount;
  readonly token: string;
  readonly apps: readonly AppAccess[];
  readonly sessions: readonly SessionEntry[];
  readonly sessionUid: string;
  readonly identities: readonly LinkedIdentity[];
  readonly providers: readonly { readonly id: string; readonly name: string; readonly issuer: string }[];
  readonly message: string | undefined;
}

export function homePage(home: HomePage): string {
  const { user, token, message } = home;
  const reader = user.fhirUser?.startsWith('Patient/') === true ? 'patient' : 'clinician';
  return page(
    'Your account',
    html`<h1>Your account</h1>
      ${done(message)}
      <p>You are <strong>${user.username}</strong>.</p>
      ${user.role === undefined ? noRole : html`<p>Your role is ${user.role}.</p>`}
      <section aria-labelledby="apps">
        <h2 id="apps">Apps that have access</h2>
        ${home.apps.length === 0 ? html`<p>No app has access.</p>` : home.apps.map((app) => appEntry(app, token, reader))}
      </section>
      <section aria-labelledby="sessions">
        <h2 id="sessions">Where you are logged in</h2>
        ${home.sessions.map((entry) => sessionEntry(entry, home))}
        <form method="post" action="${BASE}/sessions/end-all">
          ${tokenField(token)}<button class="plain" type="submit">Log out everywhere</button>
        </form>
      </section>
      <section aria-labelledby="login">
        <h2 id="login">How you log in</h2>
        <ul>
          ${user.hasPassword ? html`<li><a href="${BASE}/password">Change the password</a></li>` : NOTHING}
          <li><a href="${BASE}/second-factor">Second factor, passkeys and recovery codes</a></li>
        </ul>
        ${home.providers.map((provider) => providerEntry(provider, home))}
      </section>
      <p><a href="/oauth2/logout">Log out</a></p>`,
  );
}

const noRole = html`<p class="error" role="alert">
  You have no role yet. An administrator must give you one before you can see anything.
</p>`;

/** For who wants to go on to an app. */
export const noRolePage = (): string =>
  page(
    'No role yet',
    html`<h1>You are logged in</h1>
      ${noRole}
      <p><a href="${BASE}">Your account</a></p>`,
  );

const appEntry = (app: AppAccess, token: string, reader: 'patient' | 'clinician'): Html =>
  html`<div class="entry">
    <p><strong>${app.name}</strong></p>
    <p class="small">since ${day(app.since)} UTC</p>
    <ul class="points">
      ${app.scopes.map((scope) => html`<li>${scopeInWords(scope, reader)}</li>`)}
    </ul>
    <form method="post" action="${BASE}/apps/revoke">
      ${tokenField(token)}<input type="hidden" name="client" value="${app.clientId}" /><button
        class="plain"
        type="submit"
        aria-label="Take access back from ${app.name}"
      >
        Take access back
      </button>
    </form>
  </div>`;

function sessionEntry(entry: SessionEntry, { sessionUid, token, providers }: HomePage): Html {
  const by = providers.find(({ id }) => id === entry.identityProvider)?.name;
  const isThis = entry.uid === sessionUid;
  return html`<div class="entry">
    <p>
      <strong>${isThis ? 'This browser' : entry.address}</strong> since ${day(entry.beganAt)} UTC
      ${by === undefined ? '' : ` by ${by}`}
    </p>
    <p class="small">${entry.userAgent}</p>
    ${
      isThis
        ? NOTHING
        : html`<form method="post" action="${BASE}/sessions/end">
            ${tokenField(token)}<input type="hidden" name="session" value="${entry.uid}" /><button
              class="plain"
              type="submit"
            >
              Log out there
            </button>
          </form>`
    }
  </div>`;
}

function providerEntry(
  { id, name, issuer }: HomePage['providers'][number],
  { identities, token, user }: HomePage,
): Html {
  const linked = identities.find((identity) => identity.issuer === issuer);
  const action = linked === undefined ? 'link' : 'unlink';
  const words = linked === undefined ? `Log in with ${name} from now on` : `No longer log in with ${name}`;
  // Without a password it is the only way in.
  if (linked !== undefined && !user.hasPassword) return html`<p>You log in with ${name}.</p>`;
  return html`<form method="post" action="${BASE}/${action}">
    ${tokenField(token)}<input type="hidden" name="provider" value="${id}" /><button
      class="plain"
      type="submit"
    >
      ${words}
    </button>
  </form>`;
}

export function passwordPage(token: string, lengthMin: number, fault?: string): string {
  return page(
    'Change the password',
    html`<h1>Change the password</h1>
      <p>You are logged out everywhere else, and apps must ask you anew.</p>
      ${alert(fault)}
      <form method="post">
        ${tokenField(token)}<label for="current">Password until now</label
        ><input id="current" name="current" type="password" autocomplete="current-password" required />
        ${newPasswordField(lengthMin)}
        <div class="actions"><button type="submit">Change</button></div>
      </form>
      <p><a href="${BASE}">Back</a></p>`,
  );
}
