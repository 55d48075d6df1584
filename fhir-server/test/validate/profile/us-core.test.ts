/** The examples of US Core are what their authors meant them to be, and each rule that is broken is found. */
import { describe, expect } from '@jest/globals';
import type { Bundle, Resource } from '@medplum/fhirtypes';
import { applyPatch, type Operation } from 'rfc6902';
import { ProfileSet, type ProfileReport } from '../../../src/validate/profile/index.ts';
import { testWith } from '../../support/requirement.ts';
import { loadUsCore, profileSources, usCoreData } from '../../support/us-core.ts';

const US_CORE = 'http://hl7.org/fhir/us/core/StructureDefinition/';

interface Loaded {
  readonly profiles: ProfileSet;
  readonly examples: ReadonlyMap<string, Resource>;
}

let loaded: Promise<Loaded> | undefined;

const load = (): Promise<Loaded> =>
  (loaded ??= loadUsCore().then(({ resources, examples }) => ({
    profiles: new ProfileSet(profileSources(resources.map((r) => r.resource))),
    examples: new Map(examples.map((e) => [e.file.replace(/^.*\/|\.json$/g, ''), e.resource])),
  })));

const errors = ({ issues }: ProfileReport): string[] =>
  issues.filter((i) => i.severity === 'error').map((i) => `${i.expression?.[0]}: ${i.diagnostics}`);

/** Of a package that US Core depends on, and that is not here. */
const NOT_HERE = new Set(['http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire']);

testWith(usCoreData)('Every example conforms to every profile that it claims.', async () => {
  const { profiles, examples } = await load();
  let claims = 0;
  for (const [name, example] of examples) {
    const inside = (example as Bundle).entry?.flatMap((e) => e.resource ?? []) ?? [];
    for (const resource of [example, ...inside])
      for (const claim of resource.meta?.profile ?? []) {
        if (NOT_HERE.has(claim)) continue;
        claims += 1;
        const profile = profiles.profile(claim)!;
        expect([name, claim, errors(profile.validate(resource))]).toEqual([name, claim, []]);
      }
  }
  expect(claims).toBe(182);
});

/** Example, profile, what is done to it, and where which fault is found. */
type Planted = readonly [
  kind: string,
  example: string,
  profile: string,
  edits: Operation[],
  at: string,
  says: RegExp,
];

const LOINC = 'http://loinc.org';
const RACE = `${US_CORE}us-core-race`;

const PLANTED: readonly Planted[] = [
  ['cardinality', 'Patient-example', 'us-core-patient', [{ op: 'remove', path: '/identifier' }], 'Patient.identifier', /identifier is required/],
  ['cardinality below a repeating element', 'Patient-example', 'us-core-patient', [{ op: 'remove', path: '/identifier/0/system' }], 'Patient.identifier[0].system', /system is required/],
  ['cardinality at most', 'Patient-example', 'us-core-race', [], 'Patient', /for Extension, not for Patient/],
  ['minimum of a slice', 'Observation-blood-pressure', 'us-core-blood-pressure', [{ op: 'remove', path: '/component/1' }], 'Observation.component', /at least 1 of slice diastolic/],
  ['maximum of a slice', 'Observation-blood-pressure', 'us-core-blood-pressure', [{ op: 'replace', path: '/component/1/code/coding/0', value: { system: LOINC, code: '8480-6' } }], 'Observation.component', /at most 1 of slice systolic/],
  ['a slice by value', 'Observation-blood-pressure', 'us-core-blood-pressure', [{ op: 'replace', path: '/category/0/coding/0/code', value: 'laboratory' }], 'Observation.category', /slice VSCat/],
  ['fixed value within a slice', 'Observation-blood-pressure', 'us-core-blood-pressure', [{ op: 'replace', path: '/component/0/valueQuantity/code', value: 'kPa' }], 'Observation.component[0].value.code', /slice systolic: the value must be "mm\[Hg\]"/],
  ['pattern', 'Observation-blood-pressure', 'us-core-blood-pressure', [{ op: 'replace', path: '/code/coding/0/code', value: '1-8' }], 'Observation.code', /must contain .*85354-9/],
  ['type of a choice', 'Observation-blood-pressure', 'us-core-blood-pressure', [{ op: 'remove', path: '/effectiveDateTime' }, { op: 'add', path: '/effectiveInstant', value: '1999-07-02T10:00:00Z' }], 'Observation.effective', /must be dateTime or Period, not instant/],
  ['type of a choice within a slice', 'Observation-blood-pressure', 'us-core-blood-pressure', [{ op: 'remove', path: '/component/0/valueQuantity' }, { op: 'add', path: '/component/0/valueString', value: 'high' }], 'Observation.component[0].value', /must be Quantity, not string/],
  ['target of a reference', 'Observation-blood-pressure', 'us-core-blood-pressure', [{ op: 'replace', path: '/subject', value: { reference: 'Group/g' } }], 'Observation.subject.reference', /must be to Patient, not to Group/],
  ['target that is contained', 'Observation-blood-pressure', 'us-core-blood-pressure', [{ op: 'replace', path: '/subject', value: { reference: '#p' } }, { op: 'add', path: '/contained', value: [{ resourceType: 'Patient', id: 'p' }] }], 'Observation.subject.reference', /does not conform to .*us-core-patient/],
  ['required binding', 'Observation-some-day-smoker', 'us-core-smokingstatus', [{ op: 'replace', path: '/status', value: 'preliminary' }], 'Observation.status', /a code of .*smoking-status-status is required/],
  ['slice by binding', 'Condition-encounter-diagnosis-example1', 'us-core-condition-encounter-diagnosis', [{ op: 'replace', path: '/category/0/coding/0/code', value: 'problem-list-item' }], 'Condition.category', /at least 1 of slice us-core/],
  ['invariant', 'Patient-example', 'us-core-patient', [{ op: 'replace', path: '/name', value: [{ use: 'usual' }] }], 'Patient.name[0]', /us-core-6/],
  ['invariant of an identifier', 'Organization-acme-lab', 'us-core-organization', [{ op: 'replace', path: '/identifier/0/value', value: '1234567890' }], 'Organization.identifier[0]', /us-core-17/],
  ['slice of an extension', 'Patient-example', 'us-core-patient', [{ op: 'remove', path: '/extension/0/extension/5' }], 'Patient.extension[0].extension', /us-core-race: at least 1 of slice text/],
  ['an extension more than allowed', 'Patient-example', 'us-core-patient', [{ op: 'add', path: '/extension/-', value: { url: RACE, extension: [{ url: 'text', valueString: 'x' }] } }], 'Patient.extension', /at most 1 of slice race/],
  ['type of an extension', 'Patient-example', 'us-core-patient', [{ op: 'remove', path: '/extension/3/valueCode' }, { op: 'add', path: '/extension/3/valueString', value: 'F' }], 'Patient.extension[3].value', /must be code, not string/],
  ['what an extension prohibits', 'Patient-example', 'us-core-patient', [{ op: 'remove', path: '/extension/0/extension' }, { op: 'add', path: '/extension/0/valueString', value: 'x' }], 'Patient.extension[0].value', /value is not allowed/],
  ['a part that must be there in what may be left out', 'Encounter-example-1', 'us-core-encounter', [{ op: 'add', path: '/identifier', value: [{ system: 'http://example.org' }] }], 'Encounter.identifier[0].value', /value is required/],
]; // prettier-ignore

describe('A planted error of each kind is found where it is', () => {
  for (const [kind, name, profile, edits, at, says] of PLANTED)
    testWith(usCoreData)(kind, async () => {
      const { profiles, examples } = await load();
      const resource = structuredClone(examples.get(name)!);
      expect(applyPatch(resource, edits)).toEqual(edits.map(() => null));
      const report = profiles.profile(US_CORE + profile)!.validate(resource);
      const found = report.issues.filter((i) => i.severity === 'error');
      expect(found.map((i) => i.expression?.[0])).toContain(at);
      expect(found.map((i) => i.diagnostics)).toContainEqual(expect.stringMatching(says));
    });
});

testWith(usCoreData)(
  'Must-support elements that are absent are told when asked for, and only then.',
  async () => {
    const { profiles, examples } = await load();
    const resource = structuredClone(examples.get('Patient-example')!);
    applyPatch(resource, [{ op: 'remove', path: '/address' }]);
    const profile = profiles.profile(`${US_CORE}us-core-patient`)!;
    expect(profile.validate(resource).issues).toEqual([]);
    const told = profile.validate(resource, { reportsMustSupport: true }).issues;
    expect(told.every((i) => i.severity === 'information')).toBe(true);
    expect(told.map((i) => i.diagnostics)).toContain(
      `Profile ${US_CORE}us-core-patient: address is must-support, and is absent`,
    );
  },
);

testWith(usCoreData)('Bindings that memory cannot decide are handed out with their codes.', async () => {
  const { profiles, examples } = await load();
  const { open } = profiles
    .profile(`${US_CORE}us-core-documentreference`)!
    .validate(examples.get('DocumentReference-episode-summary'));
  expect(
    open.map(({ valueSet, strength, codings }) => [valueSet.replace(/^.*\//, ''), strength, codings]),
  ).toContainEqual(['us-core-documentreference-type', 'required', [{ system: LOINC, code: '34133-9' }]]);
});

testWith(usCoreData)('A profile is checked in less than half a millisecond at the median.', async () => {
  const { profiles, examples } = await load();
  const claims = [...examples.values()].flatMap((resource) =>
    (resource.meta?.profile ?? [])
      .filter((claim) => !NOT_HERE.has(claim))
      .map((claim) => ({ resource, profile: profiles.profile(claim)! })),
  );
  const times: number[] = [];
  for (let round = 0; round < 5; round += 1)
    for (const { resource, profile } of claims) {
      const start = performance.now();
      profile.validate(resource);
      times.push(performance.now() - start);
    }
  times.sort((a, b) => a - b);
  expect(times[times.length >> 1]).toBeLessThan(0.5);
});
