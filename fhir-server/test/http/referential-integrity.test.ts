/** REFERENTIAL_INTEGRITY: references lead somewhere, and what is referred to stays. https://hl7.org/fhir/R4/references.html */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, CapabilityStatement, OperationOutcome } from '@medplum/fhirtypes';
import { searcher } from '../support/searcher.ts';
import { startTestServer, type FhirOptions, type TestServer } from '../support/server.ts';

let server: TestServer;

const patient = (id: string, more: object = {}) => ({ resourceType: 'Patient', id, ...more });
const observation = (id: string | undefined, subject: string, more: object = {}) => ({
  resourceType: 'Observation',
  ...(id === undefined ? {} : { id }),
  status: 'final',
  code: { text: 'x' },
  subject: { reference: subject },
  ...more,
});
const entry = (method: string, url: string, resource?: object, fullUrl?: string) => ({
  ...(fullUrl && { fullUrl }),
  ...(resource && { resource }),
  request: { method, url },
});
const transaction = (...entries: object[]) => ({
  resourceType: 'Bundle',
  type: 'transaction',
  entry: entries,
});

type Told = readonly [status: number, code: string | undefined, place: string | undefined, text: string];

async function tell(of: TestServer, method: string, path: string, options: FhirOptions = {}): Promise<Told> {
  const response = await of.fhir(method, path, options);
  const text = await response.text();
  const outcome = (text === '' ? {} : JSON.parse(text)) as Partial<OperationOutcome>;
  const told = outcome.issue?.filter(({ code }) => code !== 'informational' && code !== 'invariant') ?? [];
  const found = told.find(({ severity }) => severity === 'error') ?? told[0];
  return [response.status, found?.code, found?.expression?.[0], found?.diagnostics ?? ''];
}
const put = (body: { resourceType: string; id?: string }, options: FhirOptions = {}) =>
  tell(server, 'PUT', `${body.resourceType}/${body.id}`, { body, ...options });
const remove = (path: string, options?: FhirOptions) => tell(server, 'DELETE', path, options);

describe('enforced', () => {
  beforeAll(async () => {
    server = await startTestServer({ REFERENTIAL_INTEGRITY: 'enforce', CONDITIONAL_DELETE_MAX: '5' });
    await searcher(server).store(
      patient('p1'),
      patient('p2'),
      patient('gone'),
      observation('o1', 'Patient/p1'),
    );
    await remove('Patient/gone');
  }, 30_000);
  afterAll(() => server.close());

  test('the CapabilityStatement says so.', async () => {
    const { rest } = (await (await server.fhir('GET', 'metadata')).json()) as CapabilityStatement;
    expect(rest?.[0]?.resource?.[0]?.referencePolicy).toEqual(['literal', 'logical', 'local', 'enforced']);
  });

  test.each([
    ['nothing', { subject: { reference: 'Patient/none' } }, 'Observation.subject', 'Patient/none'],
    ['what was deleted', { subject: { reference: 'Patient/gone' } }, 'Observation.subject', 'Patient/gone'],
    ['a version that never was', { subject: { reference: 'Patient/p1/_history/2' } }, 'Observation.subject', 'Patient/p1/_history/2'],
    ['nothing from a list', { performer: [{ reference: 'Patient/p1' }, { reference: 'Practitioner/none' }] }, 'Observation.performer[1]', 'Practitioner/none'],
    ['nothing from an extension', { extension: [{ url: 'http://x.example/e', valueReference: { reference: 'Group/none' } }] }, 'Observation.extension[0].valueReference', 'Group/none'],
    ['nothing from what it contains', { contained: [{ resourceType: 'Encounter', id: 'e', status: 'planned', class: { code: 'AMB' }, subject: { reference: 'Patient/none' } }], encounter: { reference: '#e' } }, 'Observation.contained[0].subject', 'Patient/none'],
  ])('a reference to %s is refused with its place, and nothing is written.', async (_, more, place, name) => {
    const told = await put(observation('refused', 'Patient/p1', more));
    expect(told).toEqual([422, 'not-found', place, `There is no ${name} to refer to`]);
    expect((await server.fhir('GET', 'Observation/refused')).status).toBe(404);
  }); // prettier-ignore

  test('other references are nobody’s to check.', async () => {
    const base = `${server.fhirBase}/Patient/p1`;
    for (const more of [
      { subject: { reference: base } },
      { subject: { reference: 'Patient/p1/_history/1' } },
      { subject: { reference: 'Patient/gone/_history/1' } },
      { subject: { reference: 'https://elsewhere.example/fhir/Patient/none' } },
      { subject: { identifier: { system: 'urn:x', value: '1' } } },
      { subject: { reference: 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0' } },
      { hasMember: [{ reference: 'Observation/fine' }] },
    ])
      expect([more, (await put(observation('fine', 'Patient/p1', more)))[0]]).toEqual([
        more,
        expect.any(Number),
      ]);
    expect((await put(observation('fine', base)))[0]).toBe(200);
    expect((await put(observation('fine', 'Patient/p1', { hasMember: [{ reference: 'Observation/fine' }] })))[0]).toBe(200); // prettier-ignore
    expect((await tell(server, 'POST', 'Bundle', { body: { resourceType: 'Bundle', type: 'collection', entry: [{ resource: observation('in', 'Patient/none') }] } }))[0]).toBe(201); // prettier-ignore
    // What refers to itself is no reason to keep it.
    expect((await remove('Observation/fine'))[0]).toBe(204);
  });

  test('a patch and a create are checked, too.', async () => {
    const body = [{ op: 'replace', path: '/subject/reference', value: 'Patient/none' }];
    const headers = { 'Content-Type': 'application/json-patch+json' };
    expect(await tell(server, 'PATCH', 'Observation/o1', { body: JSON.stringify(body), headers })).toEqual([
      422, 'not-found', 'Observation.subject', 'There is no Patient/none to refer to',
    ]); // prettier-ignore
    const create = { body: observation(undefined, 'Patient/none') };
    expect((await tell(server, 'POST', 'Observation', create))[0]).toBe(422);
    const once = { ...create, headers: { 'If-None-Exist': 'identifier=urn:x|1' } };
    expect((await tell(server, 'POST', 'Observation', once))[0]).toBe(422);
    expect((await tell(server, 'PUT', 'Observation?identifier=urn:x|1', create))[0]).toBe(422);
  });

  test('what is referred to is not deleted, and the answer names what refers to it.', async () => {
    const [status, code, , text] = await remove('Patient/p1');
    expect([status, code]).toEqual([409, 'conflict']);
    expect(text).toBe('Patient/p1 is referred to by Observation/o1');
    expect((await server.fhir('GET', 'Patient/p1')).status).toBe(200);
    await searcher(server).store(...Array.from({ length: 7 }, (_, i) => observation(`m${i}`, 'Patient/p2')));
    expect((await remove('Patient?_id=p2'))[3]).toMatch(
      /^Patient\/p2 is referred to by (?:Observation\/m\d, ){5}others$/,
    );
    for (let i = 0; i < 7; i += 1) expect((await remove(`Observation/m${i}`))[0]).toBe(204);
    expect((await remove('Patient/p2'))[0]).toBe(204);
    // Once more changes nothing and is no fault.
    expect((await remove('Patient/p2'))[0]).toBe(204);
  });

  test('only what the caller may read is named, and what he may not read is not there to refer to.', async () => {
    await searcher(server).store(patient('p3'), observation('o3', 'Patient/p3'));
    const deleter = await server.token('system/Patient.rd');
    expect((await remove('Patient/p3', { token: deleter }))[3]).toBe(
      'Patient/p3 is referred to by other resources',
    );
    const writer = await server.token('system/Observation.cru');
    const hidden = await put(observation('x', 'Patient/p3'), { token: writer });
    const missing = await put(observation('x', 'Patient/p4'), { token: writer });
    expect(hidden.slice(0, 3)).toEqual(missing.slice(0, 3));
    expect(hidden[0]).toBe(422);
  });

  test('$validate tells what would be refused.', async () => {
    await searcher(server).store(patient('v'), observation('v', 'Patient/v'));
    const ask = (path: string, body?: object) => tell(server, 'POST', path, body && { body });
    const dangling = await ask('Observation/$validate?mode=create', observation(undefined, 'Patient/none'));
    expect(dangling.slice(0, 3)).toEqual([200, 'not-found', 'Observation.subject']);
    expect(await ask('Patient/v/$validate?mode=delete')).toEqual([
      200, 'conflict', 'Patient', 'Patient/v is referred to by Observation/v',
    ]); // prettier-ignore
    expect((await ask('Observation/v/$validate?mode=delete')).slice(0, 2)).toEqual([200, undefined]);
  });

  test('a transaction is checked as it leaves everything.', async () => {
    const id = 'urn:uuid:11111111-1111-4111-8111-111111111111';
    const both = transaction(
      entry('POST', 'Observation', observation(undefined, id)),
      entry('POST', 'Patient', { resourceType: 'Patient' }, id),
    );
    expect((await tell(server, 'POST', '', { body: both }))[0]).toBe(200);
    const dangling = transaction(
      entry('PUT', 'Patient/t', patient('t')),
      entry('PUT', 'Observation/t', observation('t', 'Patient/none')),
    );
    expect(await tell(server, 'POST', '', { body: dangling })).toEqual([
      422, 'not-found', 'Bundle.entry[1].resource.subject', 'There is no Patient/none to refer to',
    ]); // prettier-ignore
    expect((await server.fhir('GET', 'Patient/t')).status).toBe(404);
    await searcher(server).store(patient('q1'), patient('q2'), observation('q', 'Patient/q1'));
    const orphaning = transaction(entry('DELETE', 'Patient/q1'));
    expect((await tell(server, 'POST', '', { body: orphaning })).slice(0, 3)).toEqual([
      409,
      'conflict',
      'Bundle.entry[0]',
    ]);
    const moved = transaction(
      entry('DELETE', 'Patient/q1'),
      entry('PUT', 'Observation/q', observation('q', 'Patient/q2')),
    );
    expect((await tell(server, 'POST', '', { body: moved }))[0]).toBe(200);
    const all = transaction(entry('DELETE', 'Patient/q2'), entry('DELETE', 'Observation?_id=q'));
    expect((await tell(server, 'POST', '', { body: all }))[0]).toBe(200);
    const together = transaction(
      entry('DELETE', 'Patient/p1'),
      entry('PUT', 'Observation/n', observation('n', 'Patient/p1')),
    );
    expect((await tell(server, 'POST', '', { body: together }))[0]).toBe(422);
  });

  test('of who refers to a resource and who deletes it at the same time one is refused.', async () => {
    const pairs = 40;
    const ids = Array.from({ length: pairs }, (_, i) => `race${i}`);
    await searcher(server).store(...ids.map((id) => patient(id)));
    const results = await Promise.all(
      ids.map(async (id, i) => {
        const refer = () => put(observation(id, `Patient/${id}`));
        const drop = () => remove(`Patient/${id}`);
        const [first, second] = i % 2 === 0 ? [refer, drop] : [drop, refer];
        const [a, b] = await Promise.all([first(), second()]);
        return i % 2 === 0 ? [a[0], b[0]] : [b[0], a[0]];
      }),
    );
    for (const [i, id] of ids.entries()) {
      const [referred, dropped] = results[i]!;
      const isThere = (await server.fhir('GET', `Patient/${id}`)).status === 200;
      const refers = (await server.fhir('GET', `Observation/${id}`)).status === 200;
      expect([id, referred, dropped, isThere, refers]).toEqual(
        refers ? [id, 201, 409, true, true] : [id, 422, 204, false, false],
      );
    }
  });
});

describe('warned of', () => {
  beforeAll(async () => {
    server = await startTestServer({ REFERENTIAL_INTEGRITY: 'warn' });
    await searcher(server).store(patient('p1'), observation('o1', 'Patient/p1'));
  }, 30_000);
  afterAll(() => server.close());
  const headers = { Prefer: 'return=OperationOutcome' };

  test('a reference to nothing is written, and told to who asks for an outcome.', async () => {
    const told = await put(observation('o2', 'Patient/none'), { headers });
    expect(told).toEqual([201, 'not-found', 'Observation.subject', 'There is no Patient/none to refer to']);
    expect((await put(observation('o2', 'Patient/p1'), { headers })).slice(0, 2)).not.toContain('not-found');
    const bundle = transaction(entry('PUT', 'Observation/o3', observation('o3', 'Patient/none')));
    const answer = (await (await server.fhir('POST', '', { body: bundle, headers })).json()) as Bundle;
    const outcome = answer.entry?.[0]?.response?.outcome as OperationOutcome;
    expect(outcome.issue.map(({ code }) => code)).toContain('not-found');
  });

  test('a deletion is done without a word of what the caller may not read (attack 1).', async () => {
    await searcher(server).store(patient('p3'), observation('o9', 'Patient/p3'));
    const token = await server.token('system/Patient.rd');
    expect(await remove('Patient/p3', { token })).toEqual([204, undefined, undefined, '']);
  });

  test('a deletion tells what refers to the resource, and is done.', async () => {
    const [status, code, , text] = await remove('Patient/p1');
    expect([status, code]).toEqual([200, 'conflict']);
    expect(text).toContain('Observation/o1');
    expect((await server.fhir('GET', 'Patient/p1')).status).toBe(410);
  });
});

test('without the setting nothing is checked.', async () => {
  server = await startTestServer();
  try {
    expect((await put(observation('o1', 'Patient/none')))[0]).toBe(201);
    await put(patient('p1'));
    await put(observation('o1', 'Patient/p1'));
    expect((await remove('Patient/p1'))[0]).toBe(204);
  } finally {
    await server.close();
  }
}, 30_000);
