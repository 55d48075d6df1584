/** An app's way through an authorization: the request, the person's forms as a browser would send them, the tokens. */
import { createHash, randomBytes } from 'node:crypto';
import { TestBrowser, type Arrival } from './browser.ts';
import { PASSWORD, REDIRECT, type TestServer } from './server.ts';

export const VERIFIER = randomBytes(32).toString('base64url');
export const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');

export type Changes = Readonly<Record<string, string | undefined>>;

/** An authorization request of the app `app`, with some parameters changed or, as undefined, left out. */
export function authorizeQuery(server: TestServer, changes: Changes = {}): URLSearchParams {
  const parameters: Changes = {
    response_type: 'code',
    client_id: 'app',
    redirect_uri: REDIRECT,
    scope: 'launch/patient patient/*.rs',
    state: 'st/a te+&=é',
    aud: server.fhirBase,
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    ...changes,
  };
  return new URLSearchParams(
    Object.entries(parameters).filter((p): p is [string, string] => p[1] !== undefined),
  );
}

export const authorizeUrl = (server: TestServer, changes: Changes = {}): string =>
  `/oauth2/authorize?${authorizeQuery(server, changes).toString()}`;

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
const decode = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|#39);/g, (_all, name: string) => ENTITIES[name] ?? '');

/** What the form of a page would send as it stands: hidden fields, and boxes that are ticked. */
export function formOf(html: string): URLSearchParams {
  const form = new URLSearchParams();
  for (const [input] of html.matchAll(/<input\b[^>]*>/g)) {
    const of = (name: string): string | undefined => new RegExp(`\\b${name}="([^"]*)"`).exec(input)?.[1];
    const type = of('type');
    if (type === 'hidden' || (type === 'checkbox' && /\schecked\b/.test(input)))
      form.append(of('name') ?? '', decode(of('value') ?? ''));
  }
  return form;
}

/** The values of all boxes of a name, ticked or not. */
export const boxes = (html: string, name: string): string[] =>
  [...html.matchAll(/<input\b[^>]*>/g)]
    .map(([input]) => input)
    .filter((input) => input.includes('type="checkbox"') && input.includes(`name="${name}"`))
    .map((input) => decode(/\bvalue="([^"]*)"/.exec(input)?.[1] ?? ''));

export interface Choices {
  readonly browser?: TestBrowser;
  readonly patient?: string;
  readonly untick?: readonly string[];
  readonly narrow?: readonly string[];
  readonly decision?: 'allow' | 'deny';
}

/** Logs in where it is asked for, and stops at the first page that is no log-in. */
export async function logIn(
  server: TestServer,
  username: string,
  changes: Changes = {},
  browser = new TestBrowser(server.baseUrl),
): Promise<Arrival> {
  const at = await browser.go(authorizeUrl(server, changes));
  if (!at.html.includes('name="username"')) return at;
  return browser.go(at.url.href, { step: 'login', username, password: PASSWORD });
}

/** To the app's redirect, or to the page that ends it. */
export async function authorize(
  server: TestServer,
  username: string,
  changes: Changes = {},
  { browser = new TestBrowser(server.baseUrl), patient = 'p1', ...choices }: Choices = {},
): Promise<Arrival> {
  let at = await logIn(server, username, changes, browser);
  if (at.html.includes('aria-label="Patients"'))
    at = await browser.go(at.url.href, { step: 'patient', patient });
  return at.html.includes('name="decision"') ? decide(browser, at, choices) : at;
}

export function decide(
  browser: TestBrowser,
  at: Arrival,
  { untick = [], narrow = [], decision = 'allow' }: Choices = {},
): Promise<Arrival> {
  const form = formOf(at.html);
  for (const scope of untick) form.delete('scope', scope);
  for (const scope of narrow) form.append('narrow', scope);
  form.set('decision', decision);
  return browser.go(at.url.href, form);
}

export interface TokenAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly access_token: string;
  readonly refresh_token?: string;
  readonly id_token?: string;
  readonly scope: string;
  readonly error?: string;
  readonly [member: string]: unknown;
}

export async function tokens(
  server: TestServer,
  form: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<TokenAnswer> {
  const response = await fetch(`${server.baseUrl}/oauth2/token`, {
    method: 'POST',
    headers,
    body: new URLSearchParams(form),
  });
  const body = (await response.json()) as object;
  return { ...body, status: response.status, headers: response.headers } as TokenAnswer;
}

export const redeem = (
  server: TestServer,
  arrival: Arrival,
  changes: Readonly<Record<string, string>> = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<TokenAnswer> =>
  tokens(
    server,
    {
      grant_type: 'authorization_code',
      client_id: 'app',
      code: arrival.url.searchParams.get('code') ?? '',
      redirect_uri: REDIRECT,
      code_verifier: VERIFIER,
      ...changes,
    },
    headers,
  );
