/** A hospital of some 107,000 resources, the same each time: few codes are frequent, most are rare. */
import { Random } from '../../search/reference/random.ts';

export type Made = Readonly<{ resourceType: string; id: string; [element: string]: unknown }>;

export const PATIENTS = 800;
const OBSERVATIONS_EACH = 100;
const PRACTITIONERS = 100;
const ORGANIZATIONS = 60;
const LOCATIONS = 2_000;
const LOINC = 'http://loinc.org';
const UCUM = 'http://unitsofmeasure.org';
export const ROOT = 'http://hospital.example';

const SYLLABLES = [
  'ba',
  'ce',
  'di',
  'fo',
  'gu',
  'ha',
  'je',
  'ki',
  'lo',
  'mu',
  'na',
  'pe',
  'ri',
  'so',
  'tu',
  'va',
];
const WORDS = Array.from(
  { length: 1_500 },
  (_, i) => `${SYLLABLES[i % 16]}${SYLLABLES[(i >> 4) % 16]}${SYLLABLES[(i >> 8) % 16]}x`,
);
/** The first is measured in half of all cases. Code, display, unit, least, range. */
const MEASURED: readonly (readonly [string, string, string, number, number])[] = [
  ['8867-4', 'Heart rate', '/min', 50, 70],
  ['8310-5', 'Body temperature', 'Cel', 35, 6],
  ['29463-7', 'Body weight', 'kg', 40, 80],
  ['2339-0', 'Glucose', 'mg/dL', 60, 150],
  ...Array.from(
    { length: 36 },
    (_, i) => [`${10_000 + i * 7}-${i % 10}`, `Analyte ${WORDS[i * 11]}`, 'mg/dL', i, 100] as const,
  ),
];
const DAY_MS = 86_400_000;

/** Low numbers are frequent: half of all are in the first seventh. */
const skewed = (chance: Random, n: number): number =>
  Math.floor(n * (chance.below(1_000_000) / 1_000_000) ** 2.8);

const coded = (system: string, code: string, display: string): object => ({
  coding: [{ system, code, display }],
  text: display,
});
const reference = (type: string, id: string | number): object => ({ reference: `${type}/${id}` });
const instant = (chance: Random): string =>
  new Date(Date.UTC(2019, 0, 1) + chance.below(6 * 365) * DAY_MS + chance.below(DAY_MS)).toISOString();
const some = (chance: Random, count: number): string =>
  Array.from({ length: count }, () => WORDS[skewed(chance, WORDS.length)]).join(' ');
const narrative = (text: string): object => ({
  text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${text}</div>` },
});

export function* hospital(): Generator<Made> {
  const chance = new Random(8103);
  yield* house(chance);
  for (let p = 0; p < PATIENTS; p += 1) yield* patientRecord(chance, p);
  yield* library(chance);
}

function* house(chance: Random): Generator<Made> {
  for (let i = 0; i < ORGANIZATIONS; i += 1)
    yield {
      resourceType: 'Organization',
      id: `org${i}`,
      name: `${WORDS[i * 7]} clinic`,
      ...(i > 0 && { partOf: reference('Organization', `org${i >> 2}`) }),
    };
  for (let i = 0; i < PRACTITIONERS; i += 1)
    yield {
      resourceType: 'Practitioner',
      id: `dr${i}`,
      identifier: [{ system: `${ROOT}/staff`, value: `s${i}` }],
      name: [{ family: `${WORDS[i * 13]}son`, given: [WORDS[i]] }],
    };
  for (let i = 0; i < LOCATIONS; i += 1)
    yield {
      resourceType: 'Location',
      id: `loc${i}`,
      name: `Ward ${i}`,
      position: {
        latitude: 40 + chance.below(100_000) / 10_000,
        longitude: -75 + chance.below(100_000) / 10_000,
      },
      managingOrganization: reference('Organization', `org${i % ORGANIZATIONS}`),
      ...(i > 0 && { partOf: reference('Location', `loc${i >> 3}`) }),
    };
}

function* patientRecord(chance: Random, p: number): Generator<Made> {
  yield patient(chance, p);
  const subject = reference('Patient', `p${p}`);
  for (let n = 0; n < 10; n += 1) yield encounter(chance, subject, `e${p}-${n}`);
  for (let n = 0; n < 6; n += 1) yield condition(chance, p, n, subject);
  for (let n = 0; n < 6; n += 1) yield medicationRequest(chance, p, n, subject);
  for (let n = 0; n < OBSERVATIONS_EACH; n += 1) yield observation(chance, p, n, subject);
}

const patient = (chance: Random, p: number): Made => {
  const family = `${SYLLABLES[skewed(chance, 16)]}${SYLLABLES[chance.below(16)]}${SYLLABLES[chance.below(16)]}berg`;
  return {
    resourceType: 'Patient',
    id: `p${p}`,
    ...narrative(`${family}: ${some(chance, 6)}`),
    identifier: [
      {
        type: coded('http://terminology.hl7.org/CodeSystem/v2-0203', 'MR', 'Medical record number'),
        system: `${ROOT}/mrn`,
        value: `m${p}`,
      },
    ],
    active: true,
    name: [{ family, given: [WORDS[chance.below(200)], `Zw${p}`] }],
    telecom: [{ system: 'phone', value: `555-${1000 + p}` }],
    gender: chance.pick(['female', 'male']),
    birthDate: instant(chance).slice(0, 10).replace(/^20/, `19`),
    address: [{ city: `${WORDS[skewed(chance, 60)]} city`, postalCode: `${10_000 + chance.below(500)}` }],
    generalPractitioner: [reference('Practitioner', `dr${p % PRACTITIONERS}`)],
    managingOrganization: reference('Organization', `org${skewed(chance, ORGANIZATIONS)}`),
    // Few are dead.
    ...(p % 40 === 0 && { deceasedDateTime: instant(chance) }),
  };
};

const encounter = (chance: Random, subject: object, id: string): Made => {
  const start = instant(chance);
  return {
    resourceType: 'Encounter',
    id,
    status: chance.chance(98) ? 'finished' : 'in-progress',
    class: {
      system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
      code: chance.chance(90) ? 'AMB' : 'IMP',
    },
    type: [coded('http://snomed.info/sct', `${185_300_000 + skewed(chance, 40)}`, 'Encounter')],
    subject,
    participant: [{ individual: reference('Practitioner', `dr${chance.below(PRACTITIONERS)}`) }],
    period: { start, end: new Date(Date.parse(start) + 3_600_000).toISOString() },
    location: [{ location: reference('Location', `loc${skewed(chance, LOCATIONS)}`) }],
    serviceProvider: reference('Organization', `org${skewed(chance, ORGANIZATIONS)}`),
  };
};

const condition = (chance: Random, p: number, n: number, subject: object): Made => {
  const disease = skewed(chance, 200);
  const onset = instant(chance);
  return {
    resourceType: 'Condition',
    id: `c${p}-${n}`,
    clinicalStatus: coded(
      'http://terminology.hl7.org/CodeSystem/condition-clinical',
      chance.chance(70) ? 'active' : 'resolved',
      'Status',
    ),
    category: [
      coded('http://terminology.hl7.org/CodeSystem/condition-category', 'encounter-diagnosis', 'Diagnosis'),
    ],
    code: coded('http://hl7.org/fhir/sid/icd-10-cm', `D${disease}`, `${WORDS[disease * 5]} disease`),
    subject,
    encounter: reference('Encounter', `e${p}-${n}`),
    onsetDateTime: onset,
    recordedDate: onset,
    recorder: reference('Practitioner', `dr${chance.below(PRACTITIONERS)}`),
  };
};

const medicationRequest = (chance: Random, p: number, n: number, subject: object): Made => {
  const drug = skewed(chance, 150);
  const doctor = chance.below(PRACTITIONERS);
  return {
    resourceType: 'MedicationRequest',
    id: `m${p}-${n}`,
    status: chance.chance(60) ? 'completed' : 'active',
    intent: 'order',
    medicationCodeableConcept: coded(
      'http://www.nlm.nih.gov/research/umls/rxnorm',
      `${drug}`,
      `${WORDS[drug * 3]}ol`,
    ),
    subject,
    encounter: reference('Encounter', `e${p}-${n}`),
    authoredOn: instant(chance),
    requester: {
      ...reference('Practitioner', `dr${doctor}`),
      identifier: { system: `${ROOT}/staff`, value: `s${doctor}` },
    },
  };
};

const quantity = (value: number, code: string): object => ({ value, unit: code, system: UCUM, code });

function observation(chance: Random, p: number, n: number, subject: object): Made {
  const isPressure = chance.chance(10);
  const [code, display, unit, least, range] = MEASURED[skewed(chance, MEASURED.length)]!;
  const isVital = isPressure || least >= 35;
  return {
    resourceType: 'Observation',
    id: `o${p}-${n}`,
    ...chance.maybe(2, () => ({
      meta: {
        tag: [{ system: `${ROOT}/tags`, code: `t${skewed(chance, 30)}` }],
        security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }],
        profile: [`${ROOT}/StructureDefinition/s${chance.below(5)}`],
        source: `${ROOT}/device/${chance.below(200)}`,
      },
    })),
    status: chance.chance(99) ? 'final' : 'preliminary',
    category: [
      coded(
        'http://terminology.hl7.org/CodeSystem/observation-category',
        isVital ? 'vital-signs' : 'laboratory',
        isVital ? 'Vital Signs' : 'Laboratory',
      ),
    ],
    code: isPressure ? coded(LOINC, '85354-9', 'Blood pressure panel') : coded(LOINC, code, display),
    subject,
    encounter: reference('Encounter', `e${p}-${n % 10}`),
    effectiveDateTime: instant(chance),
    performer: [reference('Practitioner', `dr${chance.below(PRACTITIONERS)}`)],
    method: coded(`${ROOT}/methods`, `m${skewed(chance, 400)}`, 'Method'),
    ...chance.maybe(3, () => ({ note: [{ text: some(chance, 5) }] })),
    ...(isPressure
      ? {
          component: [
            {
              code: coded(LOINC, '8480-6', 'Systolic'),
              valueQuantity: quantity(90 + chance.below(110), 'mm[Hg]'),
            },
            {
              code: coded(LOINC, '8462-4', 'Diastolic'),
              valueQuantity: quantity(50 + chance.below(60), 'mm[Hg]'),
            },
          ],
        }
      : { valueQuantity: quantity(least + chance.below(range * 100) / 100, unit) }),
  };
}

/** What is asked by uri, number, words and lists. */
function* library(chance: Random): Generator<Made> {
  for (let i = 0; i < 6_000; i += 1)
    yield {
      resourceType: 'Person',
      id: `person${i}`,
      name: [{ family: `${WORDS[chance.below(WORDS.length)]}man`, given: [WORDS[i % 200]] }],
    };
  for (let i = 0; i < 2_000; i += 1)
    yield {
      resourceType: 'Questionnaire',
      id: `q${i}`,
      url: `${ROOT}/forms/f${i % 50}/v${i}`,
      status: 'active',
      title: `${WORDS[i % 1_500]} form`,
    };
  for (let i = 0; i < 2_000; i += 1)
    yield {
      resourceType: 'RiskAssessment',
      id: `r${i}`,
      status: 'final',
      subject: reference('Patient', `p${i % PATIENTS}`),
      prediction: [{ probabilityDecimal: chance.below(10_000) / 10_000 }],
    };
  for (let i = 0; i < 2_000; i += 1)
    yield {
      resourceType: 'DocumentReference',
      id: `d${i}`,
      ...narrative(some(chance, 40)),
      status: 'current',
      description: some(chance, 8),
      subject: reference('Patient', `p${i % PATIENTS}`),
      date: instant(chance),
      content: [{ attachment: { contentType: 'text/plain', title: `Letter ${i}` } }],
    };
  yield {
    resourceType: 'ValueSet',
    id: 'rare-diseases',
    url: `${ROOT}/ValueSet/rare-diseases`,
    status: 'active',
    compose: {
      include: [
        {
          system: 'http://hl7.org/fhir/sid/icd-10-cm',
          concept: Array.from({ length: 20 }, (_, i) => ({ code: `D${170 + i}` })),
        },
      ],
    },
  };
  yield {
    resourceType: 'CodeSystem',
    id: 'methods',
    url: `${ROOT}/methods`,
    status: 'active',
    content: 'complete',
    concept: Array.from({ length: 40 }, (_, i) => ({
      code: `m${i * 10}`,
      concept: Array.from({ length: 9 }, (__, k) => ({ code: `m${i * 10 + k + 1}` })),
    })),
  };
  yield {
    resourceType: 'List',
    id: 'round',
    status: 'current',
    mode: 'working',
    entry: Array.from({ length: 30 }, (_, i) => ({ item: reference('Patient', `p${i * 20}`) })),
  };
}
