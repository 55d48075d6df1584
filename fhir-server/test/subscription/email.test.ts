/** A Subscription by e-mail, from the write to the mail server: what is told, to whom, and what is not. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { OperationOutcome, Subscription } from '@medplum/fhirtypes';
import { SMTPServer } from 'smtp-server';
import { NO_AUDIT } from '../../src/audit/index.ts';
import { loadPrincipalFor, loadRequester } from '../../src/auth/index.ts';
import { createOfflineServer } from '../../src/cli/offline-server.ts';
import { createPool, type Pool } from '../../src/db/index.ts';
import { createEgress } from '../../src/egress/index.ts';
import { type Config, loadConfig } from '../../src/platform/config.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { createRegistry } from '../../src/reindex/index.ts';
import { mailAddress, transportOptions } from '../../src/subscription/channel/email.ts';
import { startDelivery, type RunningDelivery } from '../../src/subscription/index.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

interface Mail {
  readonly to: string[];
  readonly text: string;
}

let api: TestServer;
let pool: Pool;
let config: Config;
let smtp: SMTPServer;
let delivery: RunningDelivery;
let mails: Mail[] = [];
/** Codes that the mail server answers to the next receivers in turn. */
let refusals: number[] = [];
let failures: string[] = [];

beforeAll(async () => {
  smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo(_address, _session, callback) {
      const code = refusals.shift();
      const refusal = Object.assign(new Error('nurse@clinic.example is not here'), { responseCode: code });
      callback(code === undefined ? null : refusal);
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const to = session.envelope.rcptTo.map(({ address }) => address);
        mails.push({ to, text: Buffer.concat(chunks).toString('utf8') });
        callback(null);
      });
    },
  });
  smtp.listen(0, '127.0.0.1');
  await once(smtp.server, 'listening');
  const { port } = smtp.server.address() as AddressInfo;
  const env = {
    SMTP_URL: `smtp://127.0.0.1:${port}`,
    SMTP_FROM: 'ehr@clinic.example',
    SUBSCRIPTION_EMAIL_DOMAINS: 'clinic.example',
    SUBSCRIPTION_RETRY_DELAY_MS: '20',
    SUBSCRIPTION_ATTEMPTS_MAX: '2',
    SUBSCRIPTION_POLL_MS: '20',
  };
  api = await startTestServer(env);
  config = loadConfig({
    DATABASE_URL: api.databaseUrl,
    COOKIE_SECRET: 'x'.repeat(32),
    BASE_URL: api.baseUrl,
    ...env,
  });
  pool = createPool(config);
  const registry = createRegistry();
  const logger = createLogger('test', 'fatal');
  delivery = startDelivery({
    audit: NO_AUDIT,
    server: await createOfflineServer(config, pool),
    pool,
    config,
    registry,
    logger,
    egress: createEgress({ ...config.egress, logger }),
    loadPrincipal: ({ scopes, ...owner }) =>
      scopes === undefined
        ? loadPrincipalFor(pool, owner)
        : loadRequester(pool, { ...owner, scopes }, { registry, baseUrl: config.fhirBase }),
    markInError: (_id, text) => {
      failures.push(text);
      return Promise.resolve();
    },
  });
}, 40_000);
afterAll(async () => {
  await delivery.stop(1_000);
  await new Promise<void>((resolve) => smtp.close(() => resolve()));
  await pool.end();
  await api.close();
});

const subscription = (channel: Partial<Subscription['channel']> = {}): Subscription => ({
  resourceType: 'Subscription',
  id: 'mail',
  status: 'requested',
  reason: 'test',
  criteria: 'Condition?code=F32.9',
  channel: { type: 'email', endpoint: 'mailto:nurse@clinic.example', ...channel },
});

async function eventually(isSo: () => boolean): Promise<void> {
  for (const until = Date.now() + 10_000; !isSo() && Date.now() < until;)
    await new Promise((resolve) => setTimeout(resolve, 10));
  expect(isSo()).toBe(true);
}

const write = (id: string): Promise<Response> =>
  api.fhir('PUT', `Condition/${id}`, {
    body: {
      resourceType: 'Condition',
      id,
      subject: { display: 'Maria Alvarez' },
      code: { coding: [{ code: 'F32.9', display: 'Depression' }] },
    },
  });

test('Its mail says that something was written and where, and nothing of what it says.', async () => {
  [mails, refusals, failures] = [[], [], []];
  expect((await api.fhir('PUT', 'Subscription/mail', { body: subscription() })).status).toBe(201);
  await write('c1');
  await eventually(() => mails.length === 1);
  const [mail] = mails;
  expect(mail?.to).toEqual(['nurse@clinic.example']);
  const text = mail?.text ?? '';
  expect(text).toContain(`${config.fhirBase}/Condition/c1/_history/1`);
  expect(text).toMatch(/^From: ehr@clinic\.example/m);
  expect(text).toMatch(/^Auto-Submitted: auto-generated/im);
  const event = /^X-Event-Id: (\S+)/im.exec(text)?.[1];
  expect(text).toMatch(new RegExp(`^Message-ID: <${event}@localhost>`, 'im'));
  for (const secret of ['Alvarez', 'Depression', 'F32.9']) expect(text).not.toContain(secret);
});

test('What the mail server does not take is tried again and then given up, and the reason names nobody.', async () => {
  [mails, refusals, failures] = [[], [451], []];
  await write('c2');
  await eventually(() => mails.length === 1);
  [mails, refusals] = [[], [550, 550]];
  await write('c3');
  await eventually(() => failures.length === 1);
  expect(failures[0]).toContain('the mail server answered 550');
  expect(failures[0]).not.toContain('nurse');
  expect(mails).toEqual([]);
});

test.each<[string, Partial<Subscription['channel']>, string]>([
  ['an address elsewhere', { endpoint: 'mailto:nurse@elsewhere.example' }, 'endpoint'],
  ['an address below the domain', { endpoint: 'mailto:nurse@evil.clinic.example' }, 'endpoint'],
  ['further fields', { endpoint: 'mailto:nurse@clinic.example?bcc=x@elsewhere.example' }, 'endpoint'],
  ['two addresses', { endpoint: 'mailto:nurse@clinic.example,x@elsewhere.example' }, 'endpoint'],
  ['an encoded line break', { endpoint: 'mailto:nurse%0d%0a@clinic.example' }, 'endpoint'],
  ['a web address', { endpoint: 'https://clinic.example/' }, 'endpoint'],
  ['no address', {}, 'endpoint'],
  ['the content', { payload: 'application/fhir+json' }, 'payload'],
  ['headers', { header: ['Bcc: x@elsewhere.example'] }, 'header'],
])('It is refused with %s.', async (title, channel, element) => {
  const { endpoint: _endpoint, ...rest } = subscription().channel;
  const body = title === 'no address' ? { ...subscription(), channel: rest } : subscription(channel);
  const response = await api.fhir('PUT', 'Subscription/refused', { body });
  const outcome = (await response.json()) as OperationOutcome;
  expect([response.status, outcome.issue[0]?.expression]).toEqual([422, [`Subscription.channel.${element}`]]);
}); // prettier-ignore

test('Other machines are spoken to with TLS alone.', () => {
  const needs = (url: string): boolean => transportOptions(url, 1_000).requireTLS;
  expect(needs('smtp://mail.clinic.example:587')).toBe(true);
  expect(['smtp://localhost', 'smtp://127.0.0.1:25', 'smtp://[::1]:25'].map(needs)).toEqual([
    false,
    false,
    false,
  ]);
});

test('An address is one, and no longer than mail servers take.', () => {
  expect(mailAddress("mailto:o'neil+ehr@Clinic.Example")).toEqual({ address: "o'neil+ehr@Clinic.Example", domain: 'clinic.example' }); // prettier-ignore
  expect(mailAddress('mailto:nurse@clinic.example\r\nBcc: x@elsewhere.example')).toBeUndefined();
  expect(mailAddress('mailto:nurse@clinic.example\n')).toBeUndefined();
  expect(mailAddress(`mailto:${'a'.repeat(250)}@clinic.example`)).toBeUndefined();
});

test.each([
  [{ SMTP_URL: 'mail.example.org' }, 'SMTP_URL must be a URL'],
  [{ SMTP_URL: 'smtps://mail.example.org' }, 'SMTP_FROM must be'],
  [
    { SMTP_URL: 'smtps://mail.example.org', SMTP_FROM: 'a@b.example' },
    'SUBSCRIPTION_EMAIL_DOMAINS must list',
  ],
])('The settings %j are refused.', (env, text) => {
  expect(() => loadConfig({ DATABASE_URL: 'x', COOKIE_SECRET: 'x'.repeat(32), ...env })).toThrow(text);
});
