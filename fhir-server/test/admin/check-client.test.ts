/** What a client may be registered with. */
import { describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { pino } from 'pino';
import {
  intentFault,
  jwksFault,
  launchFault,
  nameFault,
  originFault,
  pageFault,
  publishedUriFault,
  redirectFault,
  scopeFault,
} from '../../src/auth/check-client.ts';
import { createEgress } from '../../src/egress/index.ts';
import { createRegistry } from '../../src/reindex/index.ts';

describe('A redirect (attack 34)', () => {
  test.each([
    'https://app.example/callback',
    'https://app.example:8443/callback?x=1',
    'http://localhost:3000/callback',
    'http://127.0.0.1/callback',
    'http://[::1]:9/callback',
    'com.example.app:/callback',
    'com.example.app://callback',
  ])('to %s can be registered.', (uri) => {
    expect(redirectFault(uri)).toBeUndefined();
  });

  test.each([
    'http://app.example/callback',
    'https://app.example/callback#fragment',
    'https://app.example/callback#',
    'https://user@app.example/callback',
    'https://*.app.example/callback',
    'https://app.example/*',
    'https://app.example\\@evil.example/',
    'https://app.example/call back',
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'vbscript:x',
    'blob:https://app.example/x',
    'myapp:/callback',
    'http://localhost.evil.example/',
    'http://127.0.0.1.evil.example/',
    '/callback',
    '',
    'x'.repeat(3_000),
    undefined,
    null,
    7,
    ['https://app.example/'],
  ])('to %p cannot (smart 35).', (uri) => {
    expect(redirectFault(uri)).toEqual(expect.any(String));
  });
});

test('A page is one that a browser opens without more, and an intent a word that can be shown.', () => {
  const pages = ['https://app.example/', 'https://app.example/about#us', 'http://localhost:1/', 'http://app.example/', 'https://user@app.example/', 'javascript:alert(1)', 'data:text/html,x', 'com.example.app:/x', '/about', '', 7]; // prettier-ignore
  expect(pages.filter((page) => pageFault(page) === undefined)).toEqual(pages.slice(0, 3));
  const intents = ['reconcile-medications', 'x'.repeat(200), 'x'.repeat(201), '', ' ', 'a\nb', '\u202eb', 7];
  expect(intents.filter((intent) => intentFault(intent) === undefined)).toEqual(intents.slice(0, 2));
});

test('A launch URL is one that a browser opens, and an origin is nothing but one.', () => {
  const launches = ['https://app.example/launch', 'http://localhost:1/launch', 'com.example.app:/launch', 'http://app.example/launch']; // prettier-ignore
  expect(launches.map((uri) => launchFault(uri) === undefined)).toEqual([true, true, false, false]);
  const origins = ['https://app.example', 'http://localhost:3000', 'https://app.example/', 'https://app.example/x', 'null', '*']; // prettier-ignore
  expect(origins.map((uri) => originFault(uri) === undefined)).toEqual([true, true, false, false, false, false]); // prettier-ignore
});

test('The URL of keys is https and none that the server does not call (attack 26).', () => {
  const egress = createEgress({ allowPrivate: false, logger: pino({ level: 'silent' }) });
  const good = (uri: unknown) => publishedUriFault(uri, egress) === undefined;
  const uris = ['https://app.example/jwks', 'http://app.example/jwks', 'https://169.254.169.254/', 'https://[::ffff:127.0.0.1]/', 'https://2130706433/', 'http://localhost/jwks', 'file:///etc/passwd', 'gopher://x.example/', 7]; // prettier-ignore
  expect(uris.map(good)).toEqual([true, ...Array<boolean>(uris.length - 1).fill(false)]);
});

describe('Keys (smart 33)', () => {
  const key = async (alg: string, options = {}): Promise<JWK> => {
    const { publicKey } = await generateKeyPair(alg, { extractable: true, ...options });
    return { ...(await exportJWK(publicKey)), kid: alg };
  };

  test('of RSA and of P-384 with a kid can be registered, as one or together.', async () => {
    const keys = [await key('RS384'), await key('ES384')];
    expect(jwksFault({ keys })).toBeUndefined();
    expect(jwksFault({ keys: [{ ...keys[0], use: 'sig', alg: 'RS384' }] })).toBeUndefined();
  });

  test('that are private, symmetric, weak, huge, for something else, or without a kid cannot (attack 36).', async () => {
    const { privateKey } = await generateKeyPair('ES384', { extractable: true });
    const [rsa, ec] = [await key('RS384'), await key('ES384')];
    const { kid: _kid, ...anonymous } = rsa;
    const faults: unknown[] = [
      { ...(await exportJWK(privateKey)), kid: 'a' },
      { ...rsa, d: 'AQAB' },
      { kty: 'oct', k: 'c2VjcmV0', kid: 'a' },
      anonymous,
      { ...rsa, kid: '' },
      { ...rsa, use: 'enc' },
      { ...rsa, n: Buffer.alloc(128, 255).toString('base64url') },
      { ...rsa, n: Buffer.alloc(2_048, 255).toString('base64url') },
      { ...rsa, e: Buffer.alloc(64, 255).toString('base64url') },
      { ...rsa, e: 'Aw' },
      { ...rsa, n: 'not base64 !' },
      { ...ec, crv: 'P-256' },
      { ...ec, y: undefined },
      { kty: 'EC', kid: 'a' },
      'text',
      null,
    ];
    for (const fault of faults) expect(jwksFault({ keys: [fault] })).toMatch(/^keys\[0\] /);
    expect(jwksFault({ keys: [rsa, { ...ec, kid: rsa.kid }] })).toMatch(/same kid/);
    for (const set of [{ keys: [] }, { keys: Array(30).fill(rsa) }, {}, null, undefined, [rsa], 'x'])
      expect(jwksFault(set)).toMatch(/keys/);
  });
});

test('Scopes are ones that can be granted (attack 38).', () => {
  const criteria = { registry: createRegistry(), baseUrl: 'https://x.example/fhir/R4' };
  const fault = (text: unknown, others: string[] = []) => scopeFault(text, criteria, others) === undefined;
  expect(fault('openid fhirUser launch/patient patient/*.rs user/Observation.rs?category=laboratory')).toBe(true); // prettier-ignore
  for (const text of ['', ' ', 'patient/*.sr', 'patient/Nothing.rs', 'root', 'admin/users.write', 'patient/Observation.rs?nothing=x', 'patient/Observation.rs?_include=*', 7, ['openid']])
    expect([text, fault(text)]).toEqual([text, false]); // prettier-ignore
  expect(fault('admin/users.write', ['admin/users.write'])).toBe(true);
});

test('A name is one line without signs that change how a page reads (attack 28).', () => {
  const names = ['An app', 'Ärzte-App', '', ' ', 'two\nlines', 'left\u202eright', 'zero\u200bwidth', 'x'.repeat(101), 7];
  expect(names.map((name) => nameFault(name) === undefined)).toEqual([true, true, ...Array<boolean>(7).fill(false)]);
}); // prettier-ignore
