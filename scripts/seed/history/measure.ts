/** What a measurement is: its code, unit and usual range. */
import type { Observation, ObservationReferenceRange, Quantity } from '@medplum/fhirtypes';
import { concept } from '../coding.ts';

export interface Measure {
  readonly code: string;
  readonly display: string;
  /** As it is printed, and in UCUM. */
  readonly unit: string;
  readonly ucum: string;
  readonly low?: number;
  readonly high?: number;
}

export const quantity = (value: number, unit: string, code = unit): Quantity => ({
  value,
  unit,
  system: 'http://unitsofmeasure.org',
  code,
});

function rangeOf({ low, high, unit, ucum }: Measure): ObservationReferenceRange[] {
  if (low === undefined && high === undefined) return [];
  return [
    {
      ...(low === undefined ? {} : { low: quantity(low, unit, ucum) }),
      ...(high === undefined ? {} : { high: quantity(high, unit, ucum) }),
    },
  ];
}

function interpretation(value: number, { low, high }: Measure) {
  if (low !== undefined && value < low) return concept('interpretation', 'L', 'Low');
  if (high !== undefined && value > high) return concept('interpretation', 'H', 'High');
  return concept('interpretation', 'N', 'Normal');
}

/** The value with its unit and, where there is a usual range, how it lies to it. */
export function measured(
  measure: Measure,
  value: number,
): Pick<Observation, 'code' | 'valueQuantity' | 'referenceRange' | 'interpretation'> {
  const referenceRange = rangeOf(measure);
  return {
    code: concept('loinc', measure.code, measure.display),
    valueQuantity: quantity(value, measure.unit, measure.ucum),
    ...(referenceRange.length === 0 ? {} : { interpretation: [interpretation(value, measure)] }),
    ...(referenceRange.length === 0 ? {} : { referenceRange }),
  };
}
