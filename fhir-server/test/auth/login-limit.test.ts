/** Guessing passwords: what ends it, and that it cannot be hurried. */
import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { TestBrowser } from '../support/browser.ts';
import { PASSWORD, REDIRECT, startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
}, 30_000);
afterAll(() => server.close());

/** Logs in to an authorization of its own; answers the status and what the page says. */
async function logIn(username: string, password: string): Promise<{ status: number; html: string }> {
  const browser = new TestBrowser(server.baseUrl);
  const challenge = createHash('sha256').update(randomBytes(8)).digest('base64url');
  const parameters = new URLSearchParams({
    response_type: 'code',
    client_id: 'app',
    redirect_uri: REDIRECT,
    scope: 'user/Patient.rs',
    state: 's',
    aud: server.fhirBase,
    code_challenge: challenge,
    code_challenge_method: 'S256',
  });
  const { url } = await browser.go(`/oauth2/authorize?${parameters.toString()}`);
  return browser.go(url.href, { step: 'login', username, password });
}

test('After ten wrong passwords the right one is not looked at either; another account is.', async () => {
  for (let n = 0; n < 10; n += 1) expect((await logIn('doctor', 'wrong')).status).toBe(401);
  expect((await logIn('doctor', PASSWORD)).status).toBe(429);
  expect((await logIn('patient', PASSWORD)).status).toBe(200);
});

test('Of forty guesses at once no more than ten are looked at.', async () => {
  const answers = await Promise.all(Array.from({ length: 40 }, () => logIn('receptionist', 'wrong')));
  expect(answers.filter((a) => a.status === 401)).toHaveLength(10);
  expect(answers.filter((a) => a.status === 429)).toHaveLength(30);
});

test('A user name with a NUL in it is an unknown one.', async () => {
  expect((await logIn('a\0b', 'wrong')).status).toBe(401);
});
