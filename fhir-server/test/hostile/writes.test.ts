/** Attacks by writing: into another patient's record, over what is hidden, by conditions and preconditions. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CLINIC } from '../support/server.ts';
import {
  bundle,
  type Cast,
  found,
  MARK,
  observation,
  put,
  send,
  type Sent,
  shapeOf,
  startCast,
  to,
} from './cast.ts';

let cast: Cast;
beforeAll(async () => {
  cast = await startCast();
}, 40_000);
afterAll(() => cast.server.close());

const PATCH = { 'Content-Type': 'application/json-patch+json' };
const write = (
  token: string,
  method: string,
  path: string,
  body: object | string,
  headers = {},
): Promise<Sent> => send(cast, token, method, path, { body, headers });
const stored = async (name: string): Promise<string> =>
  (await send(cast, await cast.server.token('system/*.rs'), 'GET', name)).text;
const move = (path: string, value: unknown): string => JSON.stringify([{ op: 'replace', path, value }]);
const version = (text: string): string | undefined =>
  (JSON.parse(text) as { meta?: { versionId?: string } }).meta?.versionId;

describe('A resource that names another patient (attack 9)', () => {
  test('cannot be created, whichever form the reference has.', async () => {
    for (const reference of ['Patient/p2', `${cast.server.fhirBase}/Patient/p2`, 'Patient/p2/_history/1']) {
      const body = { ...observation('', 'p2'), id: undefined, subject: to(reference) };
      expect((await write(cast.app, 'POST', 'Observation', body)).status).toBe(403);
      const wrapped = bundle('transaction', {
        resource: body,
        request: { method: 'POST', url: 'Observation' },
      });
      expect((await write(cast.app, 'POST', '', wrapped)).status).toBe(403);
      expect((await write(cast.app, 'PUT', 'Observation/fresh', { ...body, id: 'fresh' })).status).toBe(403);
    }
    const none = { ...observation('', 'p1'), id: undefined, subject: undefined };
    expect((await write(cast.app, 'POST', 'Observation', none)).status).toBe(403);
    // As a performer he would join the record of his performer: that is no way in either.
    const performer = { ...none, subject: to('Patient/p2'), performer: [to('Patient/p1')] };
    expect((await write(cast.app, 'POST', 'Observation', performer)).status).toBe(403);
  });

  test('cannot be made of one’s own by update or patch.', async () => {
    await put(cast.server, observation('w1', 'p1'));
    expect((await write(cast.app, 'PUT', 'Observation/w1', observation('w1', 'p2'))).status).toBe(403);
    const patched = await write(
      cast.app,
      'PATCH',
      'Observation/w1',
      move('/subject/reference', 'Patient/p2'),
      PATCH,
    );
    expect(patched.status).toBe(403);
    const byPath = {
      resourceType: 'Parameters',
      parameter: [
        {
          name: 'operation',
          part: [
            { name: 'type', valueCode: 'replace' },
            { name: 'path', valueString: 'Observation.subject' },
            { name: 'value', valueReference: to('Patient/p2') },
          ],
        },
      ],
    };
    expect((await write(cast.app, 'PATCH', 'Observation/w1', byPath)).status).toBe(403);
    expect(version(await stored('Observation/w1'))).toBe('1');
    const fine = await write(cast.app, 'PATCH', 'Observation/w1', move('/code/text', 'height'), PATCH);
    expect([fine.status, fine.text.includes('height')]).toEqual([200, true]);
  });

  test('is no way for a patient, who may not write such resources at all.', async () => {
    for (const whom of ['p1', 'p2'])
      expect(
        (await write(cast.patient, 'POST', 'Observation', { ...observation('', whom), id: undefined }))
          .status,
      ).toBe(403);
  });
});

describe('Who may write and not read learns nothing by writing (attack 38)', () => {
  test('A patch that changes nothing, alone or in a Bundle, does not show the resource.', async () => {
    const blind = await cast.server.token('system/Observation.u');
    await put(cast.server, observation('blind', 'p2', { note: [{ text: MARK }] }));
    const nothing = await write(blind, 'PATCH', 'Observation/blind', '[]', PATCH);
    expect([nothing.status, nothing.text]).toEqual([200, '']);
    const data = btoa('[{"op":"replace","path":"/status","value":"amended"}]');
    const resource = { resourceType: 'Binary', contentType: PATCH['Content-Type'], data };
    const entry = { resource, request: { method: 'PATCH', url: 'Observation/blind' } };
    for (const type of ['batch', 'transaction'] as const) {
      const answer = await write(blind, 'POST', '', bundle(type, entry));
      expect([answer.status, answer.text.includes(MARK), answer.text.includes('"200')]).toEqual([
        200,
        false,
        true,
      ]);
    }
    expect((await send(cast, blind, 'GET', 'Observation/blind')).status).toBe(403);
  });

  test('nor by the labels that an operation changes.', async () => {
    const narrow = await cast.server.token('system/Observation.u system/Observation.r?code=none');
    const parameter = [{ name: 'meta', valueMeta: { tag: [{ code: 'x' }] } }];
    const answer = await write(narrow, 'POST', 'Observation/blind/$meta-add', {
      resourceType: 'Parameters',
      parameter,
    });
    expect([answer.status, answer.text.includes('versionId')]).toEqual([404, false]);
  });

  test('A Binary is not put into another’s record, nor taken out of it.', async () => {
    const context = { 'Content-Type': 'text/plain', 'X-Security-Context': 'Patient/p2' };
    expect((await send(cast, cast.app, 'POST', 'Binary', { body: 'x', headers: context })).status).toBe(403);
    const b2 = { resourceType: 'Binary', id: 'b2', contentType: 'text/plain', data: btoa(MARK) };
    await put(cast.server, { ...b2, ...{ securityContext: to('Patient/p2') } });
    const taken = { ...b2, securityContext: to('Patient/p1') };
    expect((await write(cast.app, 'PUT', 'Binary/b2', taken)).status).toBe(404);
    expect(
      (
        await write(cast.app, 'POST', 'Binary', {
          ...taken,
          id: undefined,
          securityContext: to('Observation/o2'),
        })
      ).status,
    ).toBe(403);
  });
});

describe('Another’s resource is not captured (attack 10)', () => {
  test('by an update that gives it to oneself, however it comes.', async () => {
    const mine = observation('o2', 'p1');
    const entry = { resource: mine, request: { method: 'PUT', url: 'Observation/o2' } };
    expect((await write(cast.app, 'PUT', 'Observation/o2', mine)).status).toBe(404);
    expect((await write(cast.app, 'PUT', 'Observation/o2', mine, { 'If-None-Match': '*' })).status).toBe(404);
    expect((await write(cast.app, 'POST', '', bundle('transaction', entry))).status).toBe(404);
    expect((await write(cast.app, 'POST', '', bundle('batch', entry))).text).toContain('"404');
    const query = 'Observation?identifier=urn:hostile|of-p2';
    expect((await write(cast.app, 'PUT', query, mine)).status).toBe(404);
    expect(
      (await write(cast.app, 'PATCH', 'Observation/o2', move('/subject/reference', 'Patient/p1'), PATCH))
        .status,
    ).toBe(404);
    expect(
      (
        await write(cast.app, 'POST', 'Observation/o2/$meta-add', {
          resourceType: 'Parameters',
          parameter: [{ name: 'meta', valueMeta: { tag: [{ code: 'x' }] } }],
        })
      ).status,
    ).toBe(404);
    const now = await stored('Observation/o2');
    expect([now.includes(MARK), version(now)]).toEqual([true, '1']);
  });

  test('nor the id of a deleted one, which answers like any that is hidden.', async () => {
    await put(cast.server, observation('gone2', 'p2'));
    await cast.server.fhir('DELETE', 'Observation/gone2');
    for (const id of ['gone2', 'o2'])
      expect((await write(cast.app, 'PUT', `Observation/${id}`, observation(id, 'p1'))).status).toBe(404);
    for (const rest of ['', '/_history', '/_history/1', '/_history/2'])
      expect((await send(cast, cast.app, 'GET', `Observation/gone2${rest}`)).status).toBe(404);
  });
});

test('A link to another Patient opens nothing, and is not the patient’s to make (attack 11)', async () => {
  const me = JSON.parse(await stored('Patient/p1')) as object;
  const linked = { ...me, link: [{ other: to('Patient/p2'), type: 'seealso' }] };
  expect((await write(cast.patient, 'PUT', 'Patient/p1', linked)).status).toBe(403);
  const add = JSON.stringify([{ op: 'add', path: '/link', value: linked.link }]);
  expect((await write(cast.patient, 'PATCH', 'Patient/p1', add, PATCH)).status).toBe(403);
  expect((await cast.server.fhir('PUT', 'Patient/p1', { body: linked })).status).toBe(200);
  for (const [, token] of cast.all) {
    for (const path of ['Patient/p2', 'Observation/o2', 'Patient/p2/$everything'])
      expect((await send(cast, token, 'GET', path)).status).toBe(404);
    for (const path of [
      'Patient',
      'Patient?_include=Patient:link',
      'Patient/p1/$everything',
      'Observation?patient.link=Patient/p2',
    ])
      expect(found(await send(cast, token, 'GET', path)).filter((name) => /\/[a-z]2$/.test(name))).toEqual(
        [],
      );
  }
});

describe('Narratives, contained resources and shapes show nothing else (attack 12)', () => {
  test('A contained Patient with the id of another stays what was written.', async () => {
    const contained = [{ resourceType: 'Patient', id: 'p2', name: [{ family: 'Mine' }] }];
    const made = await write(cast.app, 'POST', 'Observation', {
      ...observation('', 'p1'),
      id: undefined,
      contained,
      focus: [to('#p2')],
    });
    expect([made.status, made.text.includes(MARK)]).toEqual([201, false]);
    const answer = await send(
      cast,
      cast.app,
      'GET',
      'Observation?_include=Observation:focus&_include=Observation:subject',
    );
    expect(found(answer)).not.toContain('Patient/p2');
  });
});

describe('History is of the versions that the caller may see, each by itself (attack 13)', () => {
  test('also when a resource has changed its patient, or is gone.', async () => {
    await put(cast.server, observation('m1', 'p2', { note: [{ text: MARK }] }));
    await put(cast.server, observation('m1', 'p1'));
    await put(cast.server, observation('m2', 'p1'));
    await put(cast.server, observation('m2', 'p2', { note: [{ text: MARK }] }));
    await put(cast.server, observation('m3', 'p2', { note: [{ text: MARK }] }));
    await cast.server.fhir('DELETE', 'Observation/m3');
    const since = '2020-01-01T00:00:00Z';
    for (const [, token] of cast.all)
      for (const path of [
        'Observation/_history',
        `Observation/_history?_since=${since}`,
        `_history?_since=${since}`,
        `_history?_at=${new Date().getFullYear()}`,
        `Observation/_history?_at=${new Date().getFullYear()}`,
      ]) {
        const answer = await send(cast, token, 'GET', path);
        expect([path, answer.status, answer.text.includes(MARK)]).toEqual([path, 200, false]);
        expect(answer.text).not.toMatch(/Observation\/m3|Patient\/p2\/|"Patient\/p2"(?=\},"performer)/);
      }
    const read = async (path: string): Promise<number> => (await send(cast, cast.app, 'GET', path)).status;
    expect([await read('Observation/m1/_history/1'), await read('Observation/m1/_history/2')]).toEqual([
      404, 200,
    ]);
    expect([await read('Observation/m2'), await read('Observation/m2/_history/2')]).toEqual([404, 404]);
    const history = await send(cast, cast.app, 'GET', 'Observation/m1/_history');
    expect([history.text.includes(MARK), history.text.includes('"total":1')]).toEqual([false, true]);
    expect(await read('Observation/m3/_history')).toBe(404);
  });
});

describe('A condition sees what its caller sees', () => {
  const person = { resourceType: 'Patient', name: [{ family: 'New' }], managingOrganization: to(CLINIC) };
  beforeAll(() =>
    put(
      cast.server,
      {
        resourceType: 'Patient',
        id: 'p9',
        ...{
          identifier: [{ system: 'urn:hostile', value: 'far' }],
          managingOrganization: to('Organization/far'),
        },
      },
      observation('o9', 'p9', { identifier: [{ system: 'urn:hostile', value: 'far' }] }),
      observation('oa', 'p1', { identifier: [{ system: 'urn:hostile', value: 'twice' }] }),
      observation('ob', 'p2', { identifier: [{ system: 'urn:hostile', value: 'twice' }] }),
    ),
  );

  test.each(['far', 'none'])(
    'If-None-Exist of %s makes one, and tells no other (attack 15).',
    async (value) => {
      const made = await write(cast.doctor, 'POST', 'Patient', person, {
        'If-None-Exist': `identifier=urn:hostile|${value}`,
      });
      expect([made.status, made.headers.get('location')?.includes('p9')]).toEqual([201, false]);
    },
  );

  test('Whoever may not create gets one answer, whatever is there (attack 15).', async () => {
    for (const [, token] of cast.all) {
      const [there, not] = await Promise.all(
        ['of-p2', 'none'].map((value) =>
          write(token, 'POST', 'Patient', person, { 'If-None-Exist': `identifier=urn:hostile|${value}` }),
        ),
      );
      expect(there!.status).toBe(403);
      expect(shapeOf(there!, ['of-p2'])).toEqual(shapeOf(not!, ['none']));
    }
  });

  test('Updates, deletes and patches by it act on what is visible alone (attack 16).', async () => {
    const body = { ...observation('', 'p1'), id: undefined };
    const far = 'Observation?identifier=urn:hostile|far';
    const none = 'Observation?identifier=urn:hostile|none';
    for (const token of [cast.app, cast.doctor]) {
      expect((await write(token, 'PUT', far, body)).status).toBe(
        (await write(token, 'PUT', none, body)).status,
      );
      expect(shapeOf(await send(cast, token, 'DELETE', far), ['far'])).toEqual(
        shapeOf(await send(cast, token, 'DELETE', none), ['none']),
      );
      expect(shapeOf(await write(token, 'PATCH', far, '[]', PATCH), ['far'])).toEqual(
        shapeOf(await write(token, 'PATCH', none, '[]', PATCH), ['none']),
      );
    }
    expect(version(await stored('Observation/o9'))).toBe('1');
  });

  test('Of two matches of which one is hidden there is one (attack 16).', async () => {
    const twice = 'Observation?identifier=urn:hostile|twice';
    const patched = await write(cast.app, 'PATCH', twice, move('/code/text', 'changed'), PATCH);
    expect([patched.status, patched.text.includes('"id":"oa"')]).toEqual([200, true]);
    expect((await write(cast.doctor, 'PATCH', twice, move('/code/text', 'again'), PATCH)).status).toBe(412);
    const several = await send(cast, cast.doctor, 'DELETE', twice);
    expect([several.status, /\b2\b/.test(several.text)]).toEqual([412, false]);
    expect((await send(cast, cast.app, 'DELETE', twice)).status).toBe(204);
    expect(version(await stored('Observation/ob'))).toBe('1');
  });
});

describe('Preconditions tell nothing of another’s resource (attack 17)', () => {
  test.each([
    ['GET', { 'If-None-Match': 'W/"1"' }],
    ['GET', { 'If-None-Match': '*' }],
    ['GET', { 'If-Modified-Since': 'Fri, 01 Jan 2100 00:00:00 GMT' }],
    ['HEAD', {}],
    ['DELETE', {}],
    ['DELETE', { 'If-Match': 'W/"1"' }],
    ['DELETE', { 'If-Match': 'W/"7"' }],
    ['DELETE', { 'If-Match': 'nonsense' }],
    ['PATCH', { 'If-Match': 'W/"1"', ...PATCH }],
    ['PATCH', { 'If-Match': 'W/"7"', ...PATCH }],
    ['PUT', { 'If-Match': 'W/"1"' }],
    ['PUT', { 'If-Match': 'W/"7"' }],
    ['PUT', { 'If-Match': 'nonsense' }],
  ])('%s with %j is answered as for an id that never was.', async (method, headers) => {
    for (const [, token] of cast.all) {
      const ask = (id: string): Promise<Sent> =>
        send(cast, token, method, `Observation/${id}`, {
          headers,
          ...(method === 'PATCH' ? { body: '[]' } : method === 'PUT' ? { body: observation(id, 'p1') } : {}),
        });
      const [there, not] = [await ask('o2'), await ask('x2')];
      expect(shapeOf(there, ['o2'])).toEqual(shapeOf(not, ['x2']));
      expect(there.status).toBeGreaterThanOrEqual(400);
      expect(there.status).not.toBe(304);
    }
  });

  test('Nor do references: of a hidden target the writer is told what he is told of none.', async () => {
    const ask = (id: string): Promise<Sent> =>
      write(
        cast.app,
        'POST',
        'Observation',
        { ...observation('', 'p1'), id: undefined, hasMember: [to(`Observation/${id}`)] },
        { Prefer: 'return=OperationOutcome' },
      );
    expect(shapeOf(await ask('o2'), ['o2'])).toEqual(shapeOf(await ask('x2'), ['x2']));
  });
});
