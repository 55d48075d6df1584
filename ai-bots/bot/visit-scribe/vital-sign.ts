/** Vital signs said aloud, as LOINC and UCUM. https://hl7.org/fhir/R4/observation-vitalsigns.html */
import type { Coding } from '@medplum/fhirtypes';
import type { ClinicalEntity } from './clinical.ts';
import type { VitalFinding } from './draft/draft.ts';

const loinc = (code: string, display: string): Coding => ({ system: 'http://loinc.org', code, display });

interface Unit {
  readonly said: RegExp;
  readonly unit: string;
  /** UCUM. */
  readonly code: string;
  /** Values outside are slips of the tongue or of the ear. */
  readonly range: readonly [low: number, high: number];
}

interface Vital {
  readonly words: RegExp;
  readonly coding: Coding;
  readonly units: readonly Unit[];
}

/** `said` that matches the empty text makes a unit the default. */
const VITALS: readonly Vital[] = [
  {
    words: /heart rate|pulse/i,
    coding: loinc('8867-4', 'Heart rate'),
    units: [{ said: /^(beats|bpm|$)/i, unit: 'beats/minute', code: '/min', range: [20, 300] }],
  },
  {
    words: /respirat|breathing rate/i,
    coding: loinc('9279-1', 'Respiratory rate'),
    units: [{ said: /^(breaths|$)/i, unit: 'breaths/minute', code: '/min', range: [4, 80] }],
  },
  {
    words: /oxygen|saturation|spo2|pulse ox/i,
    coding: loinc('2708-6', 'Oxygen saturation in Arterial blood'),
    units: [{ said: /^(%|percent|$)/i, unit: '%', code: '%', range: [40, 100] }],
  },
  {
    words: /temperature/i,
    coding: loinc('8310-5', 'Body temperature'),
    units: [
      { said: /celsius|^°?c$/i, unit: '°C', code: 'Cel', range: [30, 44] },
      { said: /fahrenheit|^°?f$/i, unit: '°F', code: '[degF]', range: [86, 113] },
    ],
  },
  {
    words: /weight/i,
    coding: loinc('29463-7', 'Body weight'),
    units: [
      { said: /^(kg|kilo)/i, unit: 'kg', code: 'kg', range: [0.3, 650] },
      { said: /^(lb|pound)/i, unit: 'lb', code: '[lb_av]', range: [0.7, 1_430] },
    ],
  },
  {
    words: /height/i,
    coding: loinc('8302-2', 'Body height'),
    units: [
      { said: /^(cm|centimet)/i, unit: 'cm', code: 'cm', range: [25, 260] },
      { said: /^inch/i, unit: 'in', code: '[in_i]', range: [10, 103] },
    ],
  },
  {
    words: /body mass index|\bbmi\b/i,
    coding: loinc('39156-5', 'Body mass index (BMI) [Ratio]'),
    units: [{ said: /^(kg\/m2|$)/i, unit: 'kg/m2', code: 'kg/m2', range: [8, 120] }],
  },
];

/** Undefined for other tests, and for values that cannot be read with certainty. */
export function vitalFinding(entity: ClinicalEntity): VitalFinding | undefined {
  const value = entity.attributes.find((a) => a.type === 'TEST_VALUE')?.text.trim();
  if (value === undefined) return undefined;
  if (/blood pressure/i.test(entity.text)) return bloodPressure(value, entity.source);
  // "Pulse ox" is a saturation: the most specific words come last.
  const vital = VITALS.findLast((v) => v.words.test(entity.text));
  const unit = (entity.attributes.find((a) => a.type === 'TEST_UNIT')?.text ?? '').trim();
  const known = vital?.units.find((u) => u.said.test(unit));
  if (vital === undefined || known === undefined || !/^\d+(\.\d+)?$/.test(value)) return undefined;
  const number = Number(value);
  if (number < known.range[0] || number > known.range[1]) return undefined;
  const quantity = { value: number, unit: known.unit, code: known.code };
  return { kind: 'vital', coding: vital.coding, quantity, source: entity.source };
}

function bloodPressure(value: string, source: readonly string[]): VitalFinding | undefined {
  const [, systolic, diastolic] = /^(\d{2,3})\s*(?:\/|over)\s*(\d{2,3})$/i.exec(value) ?? [];
  if (systolic === undefined || diastolic === undefined) return undefined;
  const [high, low] = [Number(systolic), Number(diastolic)];
  if (high <= low || high < 50 || high > 300 || low < 20) return undefined;
  const pressure = (text: string) => ({ value: Number(text), unit: 'mmHg', code: 'mm[Hg]' });
  return {
    kind: 'vital',
    coding: loinc('85354-9', 'Blood pressure panel with all children optional'),
    components: [
      { coding: loinc('8480-6', 'Systolic blood pressure'), quantity: pressure(systolic) },
      { coding: loinc('8462-4', 'Diastolic blood pressure'), quantity: pressure(diastolic) },
    ],
    source,
  };
}
