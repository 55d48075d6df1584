/** What two processes share of access tokens in Redis, and that it never gives a right that is gone. */
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createSealedTexts } from '../../src/redis/sealed-text.ts';
import { secretHash } from '../../src/auth/secret-hash.ts';
import { authorize, redeem } from '../support/app-flow.ts';
import { post } from '../support/oauth-caller.ts';
import { program, testWith } from '../support/requirement.ts';
import { CLINIC } from '../support/server.ts';
import { until } from '../support/until.ts';
import { startTwoProcesses, type TwoProcesses } from './two-processes.ts';

const server = program('redis-server');
const SECRET = 'a secret that is long enough for tests';
let two: TwoProcesses;

beforeAll(async () => {
  if (server.path === undefined) return;
  two = await startTwoProcesses(server.path, { UNAUTHORIZED_PER_MINUTE: '100000' });
  await two.here.fhir('PUT', 'Patient/p1', {
    body: { resourceType: 'Patient', id: 'p1', managingOrganization: { reference: CLINIC } },
  });
}, 180_000);
afterAll(async () => {
  await (two as TwoProcesses | undefined)?.stop();
}, 30_000);

const newToken = (): Promise<string> => two.here.token('system/Patient.rs');
const statusOf = async (which: 'here' | 'there', token: string): Promise<number> =>
  (await two.ask(which, 'Patient/p1', token)).status;
const keyOf = async (token: string): Promise<string | undefined> =>
  (await two.client.keys(`dr-assistant:*:token:${secretHash(token)}`))[0];

/** A new token of which the process here has told the other. */
async function shared(): Promise<string> {
  const token = await newToken();
  await until(async () => {
    expect(await statusOf('here', token)).toBe(200);
    const isThere = (await keyOf(token)) !== undefined;
    // Known without Redis from a moment in which that was away: asked for anew when rights change.
    if (!isThere) await two.pool.query(`notify auth_changed`);
    return isThere;
  });
  return token;
}

const revoke = (token: string) =>
  post(
    two.here,
    'revoke',
    { token },
    { Authorization: `Basic ${btoa('backend:backend-secret-of-the-tests')}` },
  );

describe('A token', () => {
  testWith(server)(
    'that one process knows is known to the other, which does not ask the database.',
    async () => {
      const before = await two.reads('there', 'token', 'hit');
      await until(async () => {
        expect(await statusOf('there', await shared())).toBe(200);
        return (await two.reads('there', 'token', 'hit')) > before;
      });
    },
  );

  testWith(server)('is in Redis under a hash, sealed, and for seconds.', async () => {
    const token = await shared();
    const key = (await keyOf(token))!;
    const sealed = (await two.client.getBuffer(key))!.toString('latin1');
    expect(sealed).not.toMatch(/backend|Patient|cruds/);
    expect(await two.client.pttl(key)).toBeLessThanOrEqual(10_000);
    expect((await two.client.keys('*')).join()).not.toContain(token);
  });

  testWith(server)('that is revoked at one process is refused by the other as well.', async () => {
    const token = await shared();
    expect(await statusOf('there', token)).toBe(200);
    expect((await revoke(token)).status).toBe(200);
    expect(await statusOf('here', token)).toBe(401);
    await until(async () => (await statusOf('there', token)) === 401);
    // What is still in Redis is of before.
    expect(await keyOf(token)).toBeDefined();
    for (const which of ['here', 'there'] as const) expect(await statusOf(which, token)).toBe(401);
  });

  testWith(server)(
    'that is revoked while Redis hangs is refused, and still when it answers again.',
    async () => {
      const token = await shared();
      expect(await statusOf('there', token)).toBe(200);
      const kept = await two.client.get((await keyOf(token))!);
      expect(kept).not.toBeNull();
      await two.redis.whileHanging(async () => {
        expect((await revoke(token)).status).toBe(200);
        expect(await statusOf('here', token)).toBe(401);
        await until(async () => (await statusOf('there', token)) === 401);
      });
      await two.client.ping();
      for (let n = 0; n < 5; n += 1)
        for (const which of ['here', 'there'] as const) expect(await statusOf(which, token)).toBe(401);
    },
  );

  testWith(server)('of a user whose account is disabled ends in both.', async () => {
    const { access_token: token } = await redeem(two.here, await authorize(two.here, 'doctor'));
    expect(await statusOf('here', token)).toBe(200);
    expect(await statusOf('there', token)).toBe(200);
    await two.pool.query(`update auth.users set disabled = true where username = 'doctor'`);
    for (const which of ['here', 'there'] as const)
      await until(async () => (await statusOf(which, token)) === 401);
  });
});

/** Looks for tokens, and settings of the epoch, that Redis has been sent. */
async function lookups(): Promise<number> {
  const calls = (await two.client.info('commandstats')).matchAll(/cmdstat_(?:mget|set):calls=(\d+)/g);
  return [...calls].reduce((sum, [, count]) => sum + Number(count), 0);
}

describe('Whoever writes to Redis', () => {
  const forged = 'a-token-that-nobody-issued';

  /** The key of a token beside that of one which is shared, and the epoch. */
  async function place(token: string): Promise<{ key: string; name: string; epoch: string; valid: string }> {
    const valid = (await keyOf(await shared()))!;
    const prefix = valid.slice(0, valid.indexOf('token:'));
    const name = `token:${secretHash(token)}`;
    return { key: prefix + name, name, epoch: (await two.client.get(`${prefix}token:epoch`))!, valid };
  }

  testWith(server)('cannot make a token by moving what is there to another key.', async () => {
    const { key, valid } = await place(forged);
    await two.client.copy(valid, key);
    for (const which of ['here', 'there'] as const) expect(await statusOf(which, forged)).toBe(401);
  });

  testWith(server)(
    'cannot make one without the secret; with it, and of another epoch, neither.',
    async () => {
      const { key, name, epoch, valid } = await place(forged);
      const row = {
        model: 'ClientCredentials',
        client_id: 'backend',
        scope: 'system/*.cruds',
        policy: { grants: [] },
      };
      const until = Date.now() + 60_000;
      for (const [secret, mark] of [
        ['another secret that is long enough!', epoch],
        [SECRET, randomUUID()],
      ] as const) {
        const text = `${mark} ${JSON.stringify(row)}`;
        await two.client.set(key, createSealedTexts(secret).seal(name, { text, until }), 'PX', 60_000);
        for (const which of ['here', 'there'] as const) expect(await statusOf(which, forged)).toBe(401);
      }
      const cut = (await two.client.getBuffer(valid))!.subarray(0, -3);
      for (const text of ['', 'null', '{}', epoch, cut]) {
        await two.client.set(key, text);
        expect(await statusOf('there', forged)).toBe(401);
      }
    },
  );

  testWith(server)('and empties it, stops it, or lets it hang, keeps nobody from being served.', async () => {
    const token = await shared();
    await two.client.flushall();
    for (const which of ['here', 'there'] as const) expect(await statusOf(which, token)).toBe(200);
    const tokens = await Promise.all(Array.from({ length: 20 }, newToken));
    const before = await lookups();
    await two.redis.whileHanging(async () => {
      for (const each of tokens) expect(await statusOf('there', each)).toBe(200);
    });
    // After one that was not answered the next ones were not sent, for a while.
    expect((await lookups()) - before).toBeLessThan(10);
    await two.redis.kill();
    const another = await newToken();
    for (const which of ['here', 'there'] as const) expect(await statusOf(which, another)).toBe(200);
    await two.redis.start();
    expect(await statusOf('there', await shared())).toBe(200);
  });
});
