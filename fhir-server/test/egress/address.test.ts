/** Which addresses and URLs are called. */
import { describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { addressKind } from '../../src/egress/address.ts';
import { createEgress, EgressError } from '../../src/egress/index.ts';

const logger = pino({ level: 'silent' });
const strict = createEgress({ allowPrivate: false, logger });
const local = createEgress({ allowPrivate: true, logger });

function codeOf(check: () => unknown): string {
  try {
    check();
    return 'accepted';
  } catch (error) {
    if (!(error instanceof EgressError)) throw error;
    return error.code;
  }
}

/** Of this machine and of private networks, in all the ways in which they are written. */
const LOCAL = [
  'http://localhost:8104/',
  'http://LOCALHOST/',
  'http://a.localhost/',
  'http://localhost./',
  'http://127.0.0.1/',
  'http://127.0.0.1./',
  'http://127.1/',
  'http://2130706433/',
  'http://0x7f000001/',
  'http://0x7f.0.0.1/',
  'http://0177.0.0.1/',
  'http://017700000001/',
  'http://１２７.０.０.１/',
  'http://127%2e0.0.1/',
  'http://10.1.2.3/',
  'http://172.16.0.1/',
  'http://192.168.1.1/',
  'http://100.64.0.1/',
  'http://[::1]/',
  'http://[0:0:0:0:0:0:0:1]/',
  'http://[::ffff:127.0.0.1]/',
  'http://[::ffff:7f00:1]/',
  'http://[::ffff:10.0.0.1]/',
  'http://[fd00::1]/',
  'http://[fc00::1]/',
];

/** Metadata of clouds, link-local, unspecified, multicast, reserved, and IPv4 hidden in IPv6. */
const SPECIAL = [
  'http://169.254.169.254/latest/meta-data/',
  'http://2852039166/',
  'http://0xa9fea9fe/',
  'http://0251.0376.0251.0376/',
  'http://[::ffff:169.254.169.254]/',
  'http://[::ffff:a9fe:a9fe]/',
  'http://[fd00:ec2::254]/',
  'http://100.100.100.200/',
  'http://168.63.129.16/',
  'http://192.0.0.192/',
  'http://0.0.0.0/',
  'http://0/',
  'http://[::]/',
  'http://255.255.255.255/',
  'http://224.0.0.1/',
  'http://240.0.0.1/',
  'http://198.18.0.1/',
  'http://[fe80::1]/',
  'http://[fec0::1]/',
  'http://[ff02::1]/',
  'http://[::7f00:1]/',
  'http://[::127.0.0.1]/',
  'http://[64:ff9b::7f00:1]/',
  'http://[64:ff9b::169.254.169.254]/',
  'http://[64:ff9b:1::1]/',
  'http://[2002:7f00:1::]/',
  'http://[2001:0:7f00:1::]/',
  'http://[2001:db8::1]/',
  'http://[100::1]/',
  'http://[4000::1]/',
];

describe('A URL (attack 26)', () => {
  test.each(LOCAL)('%s is called only where private addresses are allowed.', (url) => {
    expect([codeOf(() => strict.check(url)), codeOf(() => local.check(url))]).toEqual([
      'refused',
      'accepted',
    ]);
  });

  test.each(SPECIAL)('%s is never called.', (url) => {
    expect([codeOf(() => strict.check(url)), codeOf(() => local.check(url))]).toEqual(['refused', 'refused']);
  });

  test.each([
    'file:///etc/passwd',
    'gopher://example.org:25/_HELO',
    'ftp://example.org/',
    'data:text/plain,x',
    'javascript:alert(1)',
    'ws://example.org/',
    'unix:/run/docker.sock',
    '//example.org/',
    '/relative',
    '',
    'http://',
    'http://exa mple.org/',
    'https://user:secret@example.org/',
    'https://user@example.org/',
    `https://example.org/${'x'.repeat(5_000)}`,
  ])('%j is none to call, whatever is allowed.', (url) => {
    expect(codeOf(() => local.check(url))).toBe('refused');
  });

  test.each(['https://example.org/hook', 'http://93.184.216.34/', 'https://[2606:4700::1111]/'])(
    '%s is called.',
    (url) => {
      expect(strict.check(url).href).toBe(url);
    },
  );

  test('is refused in words that are the same for every reason.', () => {
    const words = [...SPECIAL, ...LOCAL, 'file:///etc/passwd', 'nonsense'].map((url) => {
      try {
        return strict.check(url).href;
      } catch (error) {
        return (error as Error).message;
      }
    });
    expect(new Set(words).size).toBe(1);
    expect(words[0]).not.toMatch(/\d/);
  });
});

describe('An allowed origin', () => {
  const some = createEgress({ allowPrivate: false, allowedOrigins: ['http://10.0.0.5:8080'], logger });
  const only = createEgress({
    allowPrivate: true,
    allowedOrigins: ['https://idp.example'],
    isRestricted: true,
    logger,
  });

  test('is called although its address is private, and no other port, scheme or host is.', () => {
    const codes = ['http://10.0.0.5:8080/jwks', 'http://10.0.0.5/jwks', 'https://10.0.0.5:8080/', 'http://10.0.0.6:8080/'].map((url) => codeOf(() => some.check(url))); // prettier-ignore
    expect(codes).toEqual(['accepted', 'refused', 'refused', 'refused']);
  });

  test('is an exact origin and no beginning of one (attack 26).', () => {
    const codes = ['https://idp.example/keys', 'https://idp.example.evil/', 'https://idp.example@evil.example/', 'https://idp.example:444/', 'http://idp.example/', 'https://a.idp.example/'].map((url) => codeOf(() => only.check(url))); // prettier-ignore
    expect(codes).toEqual(['accepted', 'refused', 'refused', 'refused', 'refused', 'refused']);
  });
});

test('What is no address at all is never called.', () => {
  expect(['', 'nonsense', '1.2.3.4.5', 'fe80::1%eth0'].map(addressKind)).toEqual(Array(4).fill('special'));
});
