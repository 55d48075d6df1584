/** Attacks on the compartment of a patient: by id, search, include, chain, $everything and history. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { addRights, userToken } from '../support/rights.ts';
import { startTestSealer, type TestSealer } from '../support/audit.ts';
import { CLINIC } from '../support/server.ts';
import { type Cast, found, MARK, put, send, type Sent, shapeOf, startCast, to, totalOf } from './cast.ts';

let cast: Cast;
let sealer: TestSealer;

beforeAll(async () => {
  cast = await startCast();
  sealer = startTestSealer(cast.server);
}, 40_000);
afterAll(async () => {
  await sealer.stop();
  await cast.server.close();
});

const get = (token: string, path: string): Promise<Sent> => send(cast, token, 'GET', path);

/** For the doctor's app, whose policy has all of it, and the patient's. */
const both = async (work: (token: string) => Promise<void>): Promise<void> => {
  for (const [, token] of cast.all) await work(token);
};

describe('An id of another patient’s resource (attack 1, smart 127)', () => {
  test.each(['Patient/p2', 'Observation/o2', 'Encounter/e2', 'Condition/c2'])(
    '%s is answered like one that never was, on every road.',
    async (name) => {
      const [type, id] = name.split('/') as [string, string];
      const never = `${type}/x2`;
      const roads = ['', '/_history', '/_history/1', '?_summary=true', '/_history?_count=0', '/$meta', '/_history/1/$meta']; // prettier-ignore
      await both(async (token) => {
        for (const rest of roads) {
          const [there, not] = [await get(token, name + rest), await get(token, never + rest)];
          expect([rest, shapeOf(there, [id])]).toEqual([rest, shapeOf(not, ['x2'])]);
          expect(there.status).toBe(404);
          expect(there.text).not.toContain(MARK);
        }
      });
    },
  );

  test('is a read that the audit knows as refused.', async () => {
    await get(cast.app, 'Observation/o2');
    let told = '';
    for (let i = 0; i < 100 && !told.includes('Observation/o2'); i += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      told = (await get(await cast.server.token('system/AuditEvent.rs'), 'AuditEvent?outcome=4&_count=50')).text; // prettier-ignore
    }
    expect(told).toContain('Observation/o2');
    expect(told).not.toContain(MARK);
  });
});

describe('A search by another patient (attack 2)', () => {
  test.each([
    ['patient=p2', []],
    ['patient=Patient/p2', []],
    ['subject=Patient/p2', []],
    ['subject=BASE/Patient/p2', []],
    ['subject:Patient=p2', []],
    ['patient=p1,p2', ['Observation/o1', 'Observation/o3']],
    ['subject=BASE/Patient/p1,BASE/Patient/p2', ['Observation/o1', 'Observation/o3']],
    ['patient:missing=true', []],
    ['subject:not=Patient/p1', []],
    ['patient.identifier=urn:hostile|of-p2', []],
    [`patient.name=${MARK}`, []],
    ['_id=o1,o2', ['Observation/o1']],
    ['focus=Patient/p2', ['Observation/o3']],
  ])('Observation?%s finds one’s own alone, and counts no more.', async (query, expected) => {
    const path = `Observation?_total=accurate&${query.replaceAll('BASE', cast.server.fhirBase)}`;
    await both(async (token) => {
      const answer = await get(token, path);
      // An operator that a parameter does not have is refused to everybody alike.
      if (query.includes(':not=')) expect([200, 400]).toContain(answer.status);
      else expect([answer.status, found(answer), totalOf(answer)]).toEqual([200, expected, expected.length]);
      expect(answer.text.replaceAll(`patient.name=${MARK}`, '')).not.toContain(MARK);
    });
  });

  test.each([
    'Patient/p2/Observation',
    'Patient/p2/*',
    'Encounter/e2/Observation',
    '?_id=o2&_type=Observation',
    '?_type=Patient,Observation',
  ])(
    // prettier-ignore
    '%s has nothing of his.',
    async (path) => {
      await both(async (token) => {
        const answer = await get(token, path);
        expect([200, 404]).toContain(answer.status);
        expect(answer.text).not.toContain(MARK);
        expect(found(answer).filter((name) => /\/[a-z]2$/.test(name))).toEqual([]);
      });
    },
  );
});

describe('What a resource of one’s own refers to (attack 3)', () => {
  test.each([
    '_include=Observation:has-member',
    '_include=Observation:derived-from',
    '_include=Observation:specimen',
    '_include=Observation:focus',
    '_include=*',
    '_include:iterate=*',
    '_include=*&_include:iterate=*&_revinclude:iterate=*',
    '_include=Observation:has-member&_include:iterate=Observation:subject',
  ])('is not included by %s when it is another’s.', async (include) => {
    await both(async (token) => {
      const plain = await get(token, 'Observation?_id=o3&_total=accurate');
      const answer = await get(token, `Observation?_id=o3&_total=accurate&${include}`);
      if (answer.status === 400) return;
      expect([answer.status, totalOf(answer)]).toEqual([200, totalOf(plain)]);
      expect(answer.text).not.toContain(MARK);
      for (const name of found(answer)) expect(name).not.toMatch(/\/[a-z]2$/);
      expect(answer.text).not.toContain('OperationOutcome');
    });
  });
});

test.each([
  ['Practitioner?_id=doc&_revinclude=Observation:performer', ['Observation/o1', 'Practitioner/doc']],
  ['Practitioner?_id=doc&_revinclude=Patient:general-practitioner', ['Patient/p1', 'Practitioner/doc']],
  ['Practitioner?_id=doc&_revinclude=*', undefined],
  ['Organization?_id=o&_revinclude=Patient:organization&_revinclude:iterate=Observation:subject', undefined],
])('%s brings what refers to it of one’s own alone (attack 4)', async (path, expected) => {
  await both(async (token) => {
    const answer = await get(token, path);
    expect(answer.text).not.toContain(MARK);
    if (expected !== undefined) expect(found(answer)).toEqual(expected);
    else for (const name of found(answer)) expect(name).not.toMatch(/^(Patient|Observation|Encounter|Condition)\/[a-z]2$/); // prettier-ignore
  });
});

test('Types that the scopes do not name are not brought along (attack 4)', async () => {
  const narrow = await cast.server.token('system/Practitioner.rs');
  const answer = await get(narrow, 'Practitioner?_id=doc&_revinclude=Observation:performer&_revinclude=Patient:general-practitioner'); // prettier-ignore
  expect(found(answer)).toEqual(['Practitioner/doc']);
});

describe('A chain is no oracle (attack 5)', () => {
  test.each([
    ['Practitioner?_has:Observation:performer:value-quantity=', 'gt90', 'gt1000'],
    ['Practitioner?_has:Patient:general-practitioner:name=', MARK, 'nobody'],
    ['Practitioner?_has:Observation:performer:patient.name=', MARK, 'nobody'],
    ['Practitioner?_has:Observation:performer:code=', 'urn:hostile|secret', 'urn:hostile|none'],
    ['Observation?has-member.value-quantity=', 'gt90', 'gt1000'],
    ['Observation?focus:Patient.name=', MARK, 'nobody'],
    ['Observation?specimen.subject:Patient.name=', MARK, 'nobody'],
    ['Observation?focus:Patient._has:Condition:patient:code=', 'urn:hostile|HIV', 'urn:hostile|none'],
  ])('%s… answers the same for %s as for %s.', async (start, hit, miss) => {
    await both(async (token) => {
      const answers = await Promise.all([hit, miss].map((value) => get(token, start + encodeURIComponent(value)))); // prettier-ignore
      expect(answers[0]!.status).toBe(answers[1]!.status);
      if (answers[0]!.status === 200) expect(answers.map(found)).toEqual([[], []]);
    });
  });

  test('to who has no right to the type behind it: it is refused, or finds nothing.', async () => {
    const narrow = await cast.server.token('system/Patient.rs');
    const answers = await Promise.all(
      ['HIV', 'none'].map((code) => get(narrow, `Patient?_has:Condition:patient:code=urn:hostile|${code}`)),
    );
    const [a, b] = answers.map((answer) => [answer.status, answer.status === 200 ? found(answer) : []]);
    expect(a).toEqual(b);
  });
});

describe('$everything is no wider than the rights (attack 7)', () => {
  test('Of another patient it is what it is of nobody.', async () => {
    await both(async (token) => {
      for (const rest of ['', '?_type=Observation', '?start=2000-01-01', '?_count=1']) {
        const [there, not] = [await get(token, `Patient/p2/$everything${rest}`), await get(token, `Patient/x2/$everything${rest}`)]; // prettier-ignore
        expect(shapeOf(there, ['p2'])).toEqual(shapeOf(not, ['x2']));
        expect([403, 404]).toContain(there.status);
      }
      expect((await get(token, 'Encounter/e2/$everything')).status).toBe(404);
    });
  });

  test('Of one’s own it has no other’s, and no type without a right.', async () => {
    await both(async (token) => {
      const answer = await get(token, 'Patient/p1/$everything');
      expect(answer.status).toBe(200);
      expect(answer.text).not.toContain(MARK);
      expect(found(answer).filter((name) => /\/(p|o|c|e|s)2$/.test(name))).toEqual([]);
    });
    const asked = await get(cast.app, 'Patient/p1/$everything?_type=Observation,AuditEvent');
    expect(asked.status === 200 ? found(asked).filter((n) => n.startsWith('AuditEvent')) : []).toEqual([]);
    const narrow = await cast.server.token('system/Patient.rs');
    expect(found(await get(narrow, 'Patient/p1/$everything')).filter((n) => n.startsWith('Observation'))).toEqual([]); // prettier-ignore
  });

  test('Of all patients it is not to be had beyond them.', async () => {
    await both(async (token) => {
      const answer = await get(token, 'Patient/$everything');
      expect(answer.text).not.toContain(MARK);
      expect([200, 400, 403, 404]).toContain(answer.status);
    });
  });
});

describe('Under elements that are hidden (attack 12)', () => {
  let clerk: string;
  beforeAll(async () => {
    const limits = { resourceType: 'Patient', hidden: ['identifier', 'telecom'] };
    await addRights(cast.server, {
      policies: [
        {
          name: 'blind',
          rules: [{ resourceType: '*', interactions: '*' }],
          elements: [limits, { resourceType: 'Observation', hidden: ['code'] }],
        },
      ],
      users: [{ username: 'blind', role: 'blind', fhirUser: 'Practitioner/blind', organization: CLINIC }],
    });
    const identifier = [{ system: 'urn:ssn', value: 'SSN-1' }];
    await put(cast.server, {
      resourceType: 'Patient',
      id: 'h1',
      ...{ identifier, text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">SSN-1</div>' } }, // prettier-ignore
    });
    await put(cast.server, {
      resourceType: 'Observation',
      id: 'h2',
      ...{ status: 'final', code: { text: 'x' }, subject: to('#in'), contained: [{ resourceType: 'Patient', id: 'in', identifier }] }, // prettier-ignore
    });
    clerk = await userToken(cast.server, 'blind');
  });

  test.each([
    'Patient/h1?_elements=identifier',
    'Patient/h1?_summary=data',
    'Patient/h1?_summary=text',
    'Patient?_id=h1&_elements=identifier',
    'Patient?_id=h1&_summary=data',
    'Patient?_id=h1&_summary=text',
    'Patient?_id=h1&_format=xml',
    'Observation/h2?_elements=contained',
    'Observation?_id=h2&_containedType=contained&_contained=true',
    'Observation/h2/_history/1?_format=xml',
  ])('%s has none of them.', async (path) => {
    const answer = await get(clerk, path);
    expect(answer.text).not.toContain('SSN-1');
  });

  test('A query has none of them, and asks for none.', async () => {
    const ask = (query: string): Promise<Sent> => get(clerk, `$graphql?query=${encodeURIComponent(query)}`);
    const read = await ask('{Patient(id:"h1"){id identifier{value} text{div}}}');
    expect([read.status, read.text.includes('SSN-1')]).toEqual([200, false]);
    const contained = await ask('{Observation(id:"h2"){contained{...on Patient{identifier{value}}}}}');
    expect(contained.text).not.toContain('SSN-1');
    const found = await ask('{PatientList(identifier:"SSN-1"){id}}');
    expect([found.status, found.text.includes('"h1"')]).toEqual([403, false]);
  });

  test('A count by one of them is refused.', async () => {
    for (const query of ['identifier=SSN-1', 'telecom:missing=true', '_sort=identifier'])
      expect((await get(clerk, `Patient?_summary=count&${query}`)).status).toBe(403);
    // Which is the last of each code tells which have one code.
    expect((await get(clerk, 'Observation/$lastn?patient=p1')).status).toBe(403);
  });
});

test('A query that names another patient shows nothing of him by $graphql (attack 8)', async () => {
  const many = Array.from({ length: 1_000 }, (_, i) => `a${i}: Patient(id: "p2") { id }`).join(' ');
  for (const query of [
    '{Patient(id:"p2"){name{family}}}',
    '{ObservationList(patient:"p2"){note{text}}}',
    `{${many}}`,
  ]) {
    // prettier-ignore
    const answer = await get(cast.app, `$graphql?query=${encodeURIComponent(query)}`);
    expect(answer.text).not.toContain(MARK);
  }
});
