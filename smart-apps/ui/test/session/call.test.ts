/** Calls with a token: renewed before it ends, once more after a refusal, and never shown to another server. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import {
  ApiError,
  call,
  callJson,
  faultOf,
  holdTokensOf,
  type TokenHolder,
} from '../../src/session/index.ts';

/** A resource server that takes one token, and an authorization server that gives the next. */
let valid = 'token-1';
let renewals = 0;
let renewalStatus = 200;
let server: Server;
let base: string;
const seen: { method: string; url: string; authorization: string; type: string; body: string }[] = [];

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}

beforeAll(async () => {
  server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const { authorization = '', accept = '' } = request.headers;
      const { method = '', url = '' } = request;
      seen.push({ method, url, authorization, type: request.headers['content-type'] ?? accept, body });
      const send = (status: number, answer?: object): void => {
        response.writeHead(status).end(answer === undefined ? '' : JSON.stringify(answer));
      };
      if (url === '/token') {
        renewals += 1;
        valid = `token-${renewals + 1}`;
        return send(renewalStatus, { access_token: valid });
      }
      if (authorization !== `Bearer ${valid}`) return send(401);
      if (url.endsWith('/slow')) return undefined;
      if (url.endsWith('/refused'))
        return send(422, {
          issue: [
            { severity: 'error', diagnostics: 'is no date', expression: ['Patient.birthDate'] },
            { severity: 'information', diagnostics: 'all else is well' },
          ],
        });
      return method === 'DELETE' ? send(204) : send(200, { resourceType: 'Patient' });
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

interface Tokens {
  access_token?: string;
  refresh_token?: string;
}

/** fhirclient's contract: a failed renewal drops the refresh token. */
function holderOf(tokens: Tokens, endsSoon = false, tokenUrl = `${base}/token`): TokenHolder {
  const state = { serverUrl: `${base}/fhir`, tokenResponse: tokens };
  const refresh = async (): Promise<void> => {
    try {
      const response = await fetch(tokenUrl, { method: 'POST' });
      if (!response.ok) throw Object.assign(new Error('invalid_grant'), { status: response.status });
      Object.assign(tokens, await response.json());
    } catch (error) {
      delete tokens.refresh_token;
      throw error;
    }
  };
  return { state, refresh, refreshIfNeeded: () => (endsSoon ? refresh() : Promise.resolve()) };
}

beforeEach(() => {
  seen.length = 0;
  [valid, renewals, renewalStatus] = ['token-1', 0, 200];
});

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.catch((error: unknown) => faultOf(error));

test('A token that is about to end is renewed before the call.', async () => {
  holdTokensOf(holderOf({ access_token: 'token-1', refresh_token: 'r' }, true));
  await callJson('Patient/1');
  expect(seen.map((s) => s.url)).toEqual(['/token', '/fhir/Patient/1']);
  expect(seen[1]?.authorization).toBe('Bearer token-2');
});

test('A refused token is renewed once and the call repeated with its body.', async () => {
  holdTokensOf(holderOf({ access_token: 'old', refresh_token: 'r' }));
  await callJson('Patient', { method: 'POST', resource: { resourceType: 'Patient' } });
  expect(seen.map((s) => s.url)).toEqual(['/fhir/Patient', '/token', '/fhir/Patient']);
  expect(seen[2]).toMatchObject({ body: '{"resourceType":"Patient"}', type: 'application/fhir+json' });
});

test('A call that was refused with a token that another call has renewed meanwhile asks for no second one.', async () => {
  const holder = holderOf({ access_token: 'old', refresh_token: 'r' });
  holdTokensOf(holder);
  const early = call('Patient/1');
  // The tokens change while the refused call is under way.
  holder.state.tokenResponse!.access_token = 'token-1';
  await early;
  expect(renewals).toBe(0);
});

test('A refused renewal, or none that is possible, ends the session with 401.', async () => {
  renewalStatus = 400;
  holdTokensOf(holderOf({ access_token: 'old', refresh_token: 'r' }));
  expect(await failureOf(call('Patient/1'))).toEqual({ status: 401, text: '' });
  holdTokensOf(holderOf({ access_token: 'old' }));
  expect(await failureOf(call('Patient/1'))).toEqual({ status: 401, text: '' });
});

test('A renewal without an answer ends nothing: the next call tries again.', async () => {
  const tokens = { access_token: 'old', refresh_token: 'r' };
  holdTokensOf(holderOf(tokens, false, 'http://127.0.0.1:1/token'));
  expect(await failureOf(call('Patient/1'))).toEqual({ status: 0, text: '' });
  expect(tokens.refresh_token).toBe('r');
});

test('A refusal is told in the server’s words with its place, and remarks are left out.', async () => {
  holdTokensOf(holderOf({ access_token: 'token-1' }));
  const refusal = call('refused');
  await expect(refusal).rejects.toBeInstanceOf(ApiError);
  expect(await failureOf(refusal)).toEqual({
    status: 422,
    text: 'is no date (Patient.birthDate)',
    issues: [
      { severity: 'error', text: 'is no date', places: ['Patient.birthDate'] },
      { severity: 'information', text: 'all else is well', places: [] },
    ],
  });
});

test('A refusal is an answer to who asked for any status, but not the end of the session.', async () => {
  holdTokensOf(holderOf({ access_token: 'token-1' }));
  expect((await call('refused', { anyStatus: true })).status).toBe(422);
  holdTokensOf(holderOf({ access_token: 'ended' }));
  expect(await failureOf(call('Patient/1', { anyStatus: true }))).toMatchObject({ status: 401 });
});

test('A call can be ended, which is no fault of the server.', async () => {
  holdTokensOf(holderOf({ access_token: 'token-1' }));
  await expect(call('slow', { signal: AbortSignal.timeout(50) })).rejects.toThrow(/abort|timeout/i);
});

test('Addresses are below the FHIR base, at the server’s root, or links of the same server; the token goes nowhere else.', async () => {
  holdTokensOf(holderOf({ access_token: 'token-1' }));
  await call('/app-state?code=x');
  await call(`${base}/fhir?page=2`);
  await call('', { method: 'POST', body: '{}' });
  expect(seen.map((s) => s.url)).toEqual(['/app-state?code=x', '/fhir?page=2', '/fhir']);
  await expect(call('https://elsewhere.example/Patient/1')).rejects.toThrow(TypeError);
  await expect(call('//elsewhere.example/x')).rejects.toThrow(TypeError);
});

test('An answer without a body is undefined, and a JSON Patch is told as one.', async () => {
  holdTokensOf(holderOf({ access_token: 'token-1' }));
  expect(await callJson('Patient/1', { method: 'DELETE' })).toBeUndefined();
  await callJson('Patient/1', { method: 'PATCH', resource: [{ op: 'remove', path: '/active' }] });
  expect(seen[1]?.type).toBe('application/json-patch+json');
});
