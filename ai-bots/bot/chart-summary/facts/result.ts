/** Results as `name: value`, with the flag that the laboratory set or that the reference range gives. */
import type { Observation, ObservationComponent, Quantity } from '@medplum/fhirtypes';
import { fact, isUnreviewed, wordsOf, type Fact } from './fact.ts';

const FLAGS: Readonly<Record<string, string>> = {
  H: 'high',
  HH: 'critically high',
  L: 'low',
  LL: 'critically low',
  A: 'abnormal',
  AA: 'critically abnormal',
  HU: 'high',
  LU: 'low',
  POS: 'positive',
  DET: 'detected',
};

/** The last two results of each kind, the newest first; there must be fewer kinds than `kindsMax`. */
export function resultFacts(observations: readonly Observation[], kindsMax: number): Fact[] {
  const usable = observations
    .filter((o) => ['final', 'amended', 'corrected'].includes(o.status ?? '') && !isUnreviewed(o.meta))
    .toSorted((a, b) => dateOf(b).localeCompare(dateOf(a)));
  const kinds = Map.groupBy(usable, kindOf);
  return [...kinds.values()].slice(0, kindsMax).flatMap((same) => same.slice(0, 2).flatMap(result));
}

const dateOf = (o: Observation): string =>
  o.effectiveDateTime ?? o.effectivePeriod?.start ?? o.effectiveInstant ?? o.issued ?? '';

const kindOf = ({ code }: Observation): string => {
  const [coding] = code.coding ?? [];
  return coding?.code === undefined ? (code.text ?? '') : `${coding.system ?? ''}|${coding.code}`;
};

function result(observation: Observation): Fact[] {
  const name = wordsOf(observation.code);
  const value = valueOf(observation) ?? componentsOf(observation.component ?? []);
  if (name === undefined || value === undefined) return [];
  const flag = flagOf(observation);
  const date = dateOf(observation);
  const text = `${name.replaceAll(':', ',')}: ${value}${flag === undefined ? '' : ` (${flag})`}`;
  return [fact(observation, 'result', text, date === '' ? undefined : date)];
}

function valueOf(from: Observation | ObservationComponent): string | undefined {
  const { valueQuantity, valueCodeableConcept, valueString, valueInteger, valueBoolean } = from;
  if (valueQuantity !== undefined) return quantityText(valueQuantity);
  if (valueInteger !== undefined) return String(valueInteger);
  if (valueBoolean !== undefined) return valueBoolean ? 'yes' : 'no';
  return wordsOf(valueCodeableConcept) ?? valueString;
}

function quantityText({ value, comparator, unit, code }: Quantity): string | undefined {
  return value === undefined ? undefined : `${comparator ?? ''}${value} ${unit ?? code ?? ''}`.trim();
}

/** Blood pressure as it is spoken of; other panels part by part. */
function componentsOf(components: readonly ObservationComponent[]): string | undefined {
  const byCode = (code: string): Quantity | undefined =>
    components.find((c) => c.code.coding?.some((one) => one.code === code))?.valueQuantity;
  const [systolic, diastolic] = [byCode('8480-6'), byCode('8462-4')];
  if (systolic?.value !== undefined && diastolic?.value !== undefined)
    return `${systolic.value}/${diastolic.value} ${systolic.unit ?? systolic.code ?? ''}`.trim();
  const parts = components.flatMap((component) => {
    const value = valueOf(component);
    return value === undefined ? [] : [`${wordsOf(component.code) ?? ''} ${value}`.trim()];
  });
  return parts.length === 0 ? undefined : parts.join(', ');
}

function flagOf({ interpretation, referenceRange, valueQuantity }: Observation): string | undefined {
  const codes = (interpretation ?? []).flatMap((c) => c.coding ?? []).map((c) => c.code ?? '');
  const flag = codes.flatMap((code) => FLAGS[code] ?? [])[0];
  if (flag !== undefined || codes.length > 0) return flag;
  const [range] = (referenceRange ?? []).length === 1 ? (referenceRange ?? []) : [];
  const [low, high, value] = [range?.low, range?.high, valueQuantity?.value];
  if (value === undefined || valueQuantity?.comparator !== undefined) return undefined;
  // Units that are written differently are not compared.
  const same = (limit: Quantity): boolean => limit.unit === valueQuantity?.unit;
  if (high?.value !== undefined && same(high) && value > high.value) return 'high';
  return low?.value !== undefined && same(low) && value < low.value ? 'low' : undefined;
}
