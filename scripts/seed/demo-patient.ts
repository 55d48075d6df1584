/** What the demo patient's portal shows besides today's record: results over time, vaccinations, a note, a conversation, a form. */
import type {
  Communication,
  Composition,
  Consent,
  Immunization,
  Observation,
  Resource,
} from '@medplum/fhirtypes';
import { doctorReference, organizationReference } from './clinic.ts';
import { concept } from './coding.ts';
import { intake } from './intake.ts';

const PATIENT = { reference: 'Patient/demo-patient', display: 'Maria Alvarez' };
const UCUM = 'http://unitsofmeasure.org';

interface Measurement {
  readonly name: string;
  readonly code: string;
  readonly display: string;
  readonly unit: string;
  readonly range: { readonly low?: number; readonly high?: number };
  /** Date and value. */
  readonly values: readonly (readonly [string, number])[];
}

/** Ranges as a laboratory would print them for an adult woman. */
const MEASUREMENTS: readonly Measurement[] = [
  {
    name: 'hba1c',
    code: '4548-4',
    display: 'Hemoglobin A1c/Hemoglobin.total in Blood',
    unit: '%',
    range: { low: 4, high: 5.6 },
    values: [
      ['2024-11-12', 7.9],
      ['2025-05-15', 7.4],
      ['2025-11-13', 7.1],
      ['2026-05-14', 6.8],
    ],
  },
  {
    name: 'creatinine',
    code: '2160-0',
    display: 'Creatinine [Mass/volume] in Serum or Plasma',
    unit: 'mg/dL',
    range: { low: 0.5, high: 1.1 },
    values: [
      ['2025-05-15', 0.9],
      ['2026-05-14', 0.9],
    ],
  },
  {
    name: 'ldl',
    code: '13457-7',
    display: 'Cholesterol in LDL [Mass/volume] in Serum or Plasma by calculation',
    unit: 'mg/dL',
    range: { high: 100 },
    values: [
      ['2025-05-15', 128],
      ['2026-05-14', 112],
    ],
  },
];

function results({ name, code, display, unit, range, values }: Measurement): Observation[] {
  const quantity = (value: number) => ({ value, unit, system: UCUM, code: unit });
  return values.map(([date, value]) => ({
    resourceType: 'Observation',
    id: `demo-patient-${name}-${date}`,
    status: 'final',
    category: [concept('observationCategory', 'laboratory', 'Laboratory')],
    code: concept('loinc', code, display),
    subject: PATIENT,
    effectiveDateTime: `${date}T09:10:00Z`,
    performer: [organizationReference],
    valueQuantity: quantity(value),
    referenceRange: [
      {
        ...(range.low !== undefined && { low: quantity(range.low) }),
        ...(range.high !== undefined && { high: quantity(range.high) }),
      },
    ],
  }));
}

/** Codes of CVX. */
const VACCINES = [
  ['141', 'Influenza, seasonal, injectable', '2025-10-20'],
  ['115', 'Tdap', '2019-03-08'],
  ['133', 'Pneumococcal conjugate PCV 13', '2018-10-02'],
] as const;

const immunizations = (): Immunization[] =>
  VACCINES.map(([code, display, date]) => ({
    resourceType: 'Immunization',
    id: `demo-patient-cvx-${code}`,
    status: 'completed',
    vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code, display }], text: display },
    patient: PATIENT,
    occurrenceDateTime: date,
    primarySource: true,
  }));

const narrative = (text: string) => ({
  status: 'generated' as const,
  div: `<div xmlns="http://www.w3.org/1999/xhtml"><p>${text}</p></div>`,
});

const note = (): Composition => ({
  resourceType: 'Composition',
  id: 'demo-patient-note',
  status: 'final',
  type: concept('loinc', '34108-1', 'Outpatient Note'),
  title: 'Visit note',
  subject: PATIENT,
  encounter: { reference: 'Encounter/demo-patient-visit' },
  date: '2026-05-14T09:30:00Z',
  author: [doctorReference],
  attester: [{ mode: 'legal', time: '2026-05-14T09:32:00Z', party: doctorReference }],
  section: [
    {
      title: 'History of present illness',
      text: narrative(
        'Comes for follow-up of blood pressure and diabetes. Feels well. Walks half an hour on most days.',
      ),
    },
    {
      title: 'Assessment',
      text: narrative('Hypertension, above target at home. Type 2 diabetes, improving: HbA1c 6.8%.'),
    },
    {
      title: 'Plan',
      text: narrative('Lisinopril and metformin unchanged. Blood pressure diary. Follow-up in six months.'),
    },
  ],
});

function conversation(): Communication[] {
  const common = {
    resourceType: 'Communication',
    status: 'completed',
    subject: PATIENT,
    topic: { text: 'Blood pressure at home' },
  } as const;
  return [
    {
      ...common,
      id: 'demo-patient-message-1',
      sender: PATIENT,
      recipient: [doctorReference],
      sent: '2026-06-02T18:12:00Z',
      payload: [
        {
          contentString: 'My blood pressure in the mornings is about 145/90. Should I take more lisinopril?',
        },
      ],
    },
    {
      ...common,
      id: 'demo-patient-message-2',
      sender: doctorReference,
      recipient: [PATIENT],
      sent: '2026-06-03T07:40:00Z',
      inResponseTo: [{ reference: 'Communication/demo-patient-message-1' }],
      payload: [
        {
          contentString:
            'Please do not change the dose by yourself. Measure for another week, sitting, before breakfast, and send me the values.',
        },
      ],
    },
  ];
}

const consent = (): Consent => ({
  resourceType: 'Consent',
  id: 'demo-patient-consent',
  status: 'active',
  scope: {
    coding: [
      {
        system: 'http://terminology.hl7.org/CodeSystem/consentscope',
        code: 'patient-privacy',
        display: 'Privacy Consent',
      },
    ],
  },
  category: [
    {
      coding: [{ system: 'http://loinc.org', code: '59284-0', display: 'Consent Document' }],
      text: 'Use of the record for care',
    },
  ],
  patient: PATIENT,
  dateTime: '2018-09-20',
  organization: [organizationReference],
  policyRule: {
    coding: [
      { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTIN', display: 'opt-in' },
    ],
  },
  provision: { type: 'permit', actor: [{ role: { text: 'Clinic' }, reference: organizationReference }] },
});

/** For the demo patient; the clinic and its people must be there. */
export const demoPatient = (): Resource[] => [
  ...MEASUREMENTS.flatMap(results),
  ...immunizations(),
  note(),
  ...conversation(),
  consent(),
  intake(),
];
