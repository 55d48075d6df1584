/** The receiver at its face: real HTTP, real signatures. */
import { createHmac } from 'node:crypto';
import type { Resource } from '@medplum/fhirtypes';
import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import request from 'supertest';
import { createReceiver, type Handler } from '../../runtime/hook-receiver.ts';
import { events, registry } from '../../runtime/metrics.ts';

const secret = 'a secret of at least thirty-two characters';
const body = JSON.stringify({ resourceType: 'Media', id: '1' });
const signature = (text: string, key = secret): string =>
  `sha256=${createHmac('sha256', key).update(text).digest('hex')}`;

const post = (handler: Handler, text: string, signed: string | undefined) => {
  const logger = pino({ level: 'silent' });
  const hooks = { scribe: { handle: handler, secret, isReady: () => true } };
  const app = createReceiver({ hooks, bodySizeMaxBytes: 1_000, logger, metrics: registry });
  const sent = request(app).post('/hooks/scribe').type('application/fhir+json');
  return (signed === undefined ? sent : sent.set('X-Signature', signed)).send(text);
};

const never: Handler = () => Promise.reject(new Error('must not be called'));

test('A signed notification reaches the handler and is answered 200 when the work is done.', async () => {
  const seen: Resource[] = [];
  const answer = await post(
    (resource) => {
      seen.push(resource);
      return Promise.resolve('done');
    },
    body,
    signature(body),
  );
  expect(answer.status).toBe(200);
  expect(seen).toEqual([{ resourceType: 'Media', id: '1' }]);
});

test('Work that is only recorded is answered 202.', async () => {
  expect((await post(() => Promise.resolve('recorded'), body, signature(body))).status).toBe(202);
});

test.each([
  ['without a signature', undefined],
  ['signed with another key', signature(body, 'another secret of more than thirty-two letters')],
  ['with the signature of another body', signature('{}')],
  ['with a signature cut short', signature(body).slice(0, -1)],
])('A notification %s is refused with 401 and handled by nobody.', async (_case, signed) => {
  expect((await post(never, body, signed)).status).toBe(401);
});

test.each(['not json', 'null', '[]', '{"id":"1"}'])(
  'The signed body %j is no resource: 400.',
  async (text) => {
    expect((await post(never, text, signature(text))).status).toBe(400);
  },
);

test('A body above the limit is refused with 413.', async () => {
  const large = JSON.stringify({ resourceType: 'Media', id: 'x'.repeat(2_000) });
  expect((await post(never, large, signature(large))).status).toBe(413);
});

test('A handler that fails asks for another delivery with 503 and gives no detail away.', async () => {
  const answer = await post(() => Promise.reject(new Error('inner detail')), body, signature(body));
  expect(answer.status).toBe(503);
  expect(answer.headers['retry-after']).toBe('5');
  expect(answer.text).not.toContain('inner detail');
});

const receiverOf = (ready: Readonly<Record<string, boolean>>) =>
  createReceiver({
    hooks: Object.fromEntries(
      Object.entries(ready).map(([name, isReady]) => [
        name,
        { handle: never, secret: `${secret} of ${name}`, isReady: () => isReady },
      ]),
    ),
    bodySizeMaxBytes: 1_000,
    logger: pino({ level: 'silent' }),
    metrics: registry,
  });

test('Readiness is told of all bots together and of each by itself.', async () => {
  const app = receiverOf({ scribe: true, reminder: false });
  const all = await request(app).get('/readyz');
  expect(all.status).toBe(503);
  expect(all.text).toContain('reminder');
  expect((await request(app).get('/readyz/scribe')).status).toBe(200);
  expect((await request(app).get('/readyz/reminder')).status).toBe(503);
  expect((await request(receiverOf({ scribe: true })).get('/readyz')).status).toBe(200);
});

test('A notification signed for one bot is refused by another.', async () => {
  const signed = signature(body, `${secret} of scribe`);
  const answer = await request(receiverOf({ scribe: true, reminder: true }))
    .post('/hooks/reminder')
    .type('application/fhir+json')
    .set('X-Signature', signed)
    .send(body);
  expect(answer.status).toBe(401);
});

test('What the bots did is counted at /metrics.', async () => {
  events.inc({ bot: 'scribe', kind: 'resource', outcome: 'done' });
  const answer = await request(receiverOf({ scribe: true })).get('/metrics');
  expect(answer.headers['content-type']).toMatch(/^text\/plain/);
  expect(answer.text).toContain('bot_events_total{bot="scribe",kind="resource",outcome="done"} 1');
});

test('The health of the AI providers is told to operators.', async () => {
  const providers = () => Promise.resolve({ providers: [{ stage: 'draft', state: 'open' }] });
  const logger = pino({ level: 'silent' });
  const app = createReceiver({ hooks: {}, bodySizeMaxBytes: 1_000, logger, metrics: registry, providers });
  const answer = await request(app).get('/providers');
  expect(answer.body).toEqual({ providers: [{ stage: 'draft', state: 'open' }] });
});
