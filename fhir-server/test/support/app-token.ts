/** The access token that an app has after a person logged in and allowed everything it asked for. */
import { createHash, randomBytes } from 'node:crypto';
import { TestBrowser } from './browser.ts';
import { PASSWORD, REDIRECT, type TestServer } from './server.ts';

/** Where a patient is to be chosen, it is the one with the id p1. */
export async function appToken(server: TestServer, username: string, scope: string): Promise<string> {
  const verifier = randomBytes(32).toString('base64url');
  const browser = new TestBrowser(server.baseUrl);
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: 'app',
    redirect_uri: REDIRECT,
    scope,
    state: 'x',
    aud: server.fhirBase,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  let at = await browser.go(`/oauth2/authorize?${query.toString()}`);
  at = await browser.go(at.url.href, { step: 'login', username, password: PASSWORD });
  if (at.html.includes('Choose a patient'))
    at = await browser.go(at.url.href, { step: 'patient', patient: 'p1' });
  const picked = /name="picked"\s+value="([^"]*)"/.exec(at.html)?.[1] ?? '';
  const consent = new URLSearchParams({ step: 'consent', decision: 'allow', picked });
  for (const [, name] of at.html.matchAll(/name="scope"\s+value="([^"]*)"/g)) consent.append('scope', name!);
  at = await browser.go(at.url.href, consent);
  const response = await fetch(`${server.baseUrl}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: 'app',
      code: at.url.searchParams.get('code') ?? '',
      redirect_uri: REDIRECT,
      code_verifier: verifier,
    }),
  });
  const answer = (await response.json()) as { access_token?: string };
  if (answer.access_token === undefined) throw new Error(JSON.stringify(answer));
  return answer.access_token;
}
