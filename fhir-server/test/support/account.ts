/** The account pages as a person uses them, with an authenticator app in hand. */
import { Secret, TOTP } from 'otpauth';
import type { AuditRecord } from '../../src/audit/index.ts';
import { createPool, type Pool } from '../../src/db/index.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { formOf } from './app-flow.ts';
import type { TestBrowser } from './browser.ts';
import { type Arrival } from './browser.ts';
import { PASSWORD, type TestServer } from './server.ts';

export const ACCOUNT = '/oauth2/account';

/** At an account page; the log-in is done where it is asked for. */
export async function accountPage(
  browser: TestBrowser,
  username: string,
  path = '',
  password = PASSWORD,
): Promise<Arrival> {
  const at = await browser.go(`${ACCOUNT}${path}`);
  if (!at.html.includes('name="username"')) return at;
  return browser.go(at.url.href, { step: 'login', username, password });
}

/** Sends the form with this action (its end) as the page has it, with what the person fills in. */
export function send(
  browser: TestBrowser,
  at: Arrival,
  action: string,
  fields: Readonly<Record<string, string>> = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<Arrival> {
  const token = formOf(at.html).get('token') ?? '';
  return browser.go(`${ACCOUNT}${action}`, { token, ...fields }, headers);
}

/** An authenticator app that has scanned the page. */
export class Authenticator {
  readonly #totp: TOTP;

  constructor(html: string) {
    const secret = /<code>([A-Z2-7 ]+)<\/code>/.exec(html)?.[1] ?? '';
    this.#totp = new TOTP({ secret: Secret.fromBase32(secret.replaceAll(' ', '')) });
  }

  /** Of the step that is now, or of one so many later. */
  code(step = 0): string {
    return this.#totp.generate({ timestamp: Date.now() + step * 30_000 });
  }
}

export const recoveryCodes = (html: string): string[] =>
  [...html.matchAll(/<code>([0-9a-z]{4}(?:-[0-9a-z]{4}){3})<\/code>/g)].map(([, code]) => code!);

/** The database of a server, for what only an admin or the audit can see. */
export const poolOf = ({ databaseUrl }: Pick<TestServer, 'databaseUrl'>): Pool =>
  createPool(
    loadConfig({ DATABASE_URL: databaseUrl, COOKIE_SECRET: 'a secret that is long enough for tests' }),
  );

/** The claims of an id_token, which the test has from the token endpoint itself. */
export const claimsOf = (idToken: string | undefined): Readonly<Record<string, unknown>> =>
  JSON.parse(Buffer.from(idToken?.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;

/** Security events that wait to be sealed: all of them, where no worker runs. They are written a moment later. */
export async function securityEvents(pool: Pool, reason: string, times = 1): Promise<readonly AuditRecord[]> {
  for (let attempt = 0; ; attempt += 1) {
    const { rows } = await pool.query<{ record: string }>(
      'select record from audit.pending order by recorded_at',
    );
    const events = rows
      .map(({ record }) => JSON.parse(record) as AuditRecord)
      .filter(({ kind }) => kind === 'security');
    if (attempt === 40 || events.filter((event) => event.reason === reason).length >= times) return events;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
