/** The receiver at its face: real HTTP, real signatures. */
import { createHmac } from 'node:crypto';
import type { Resource } from '@medplum/fhirtypes';
import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import request from 'supertest';
import { createReceiver, type Handler } from '../../runtime/hook-receiver.ts';

const secret = 'a secret of at least thirty-two characters';
const body = JSON.stringify({ resourceType: 'Media', id: '1' });
const signature = (text: string, key = secret): string =>
  `sha256=${createHmac('sha256', key).update(text).digest('hex')}`;

const post = (handler: Handler, text: string, signed: string | undefined) => {
  const logger = pino({ level: 'silent' });
  const app = createReceiver({ handlers: { scribe: handler }, secret, bodySizeMaxBytes: 1_000, logger });
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
