/** Quantity parameters. https://hl7.org/fhir/R4/search.html#quantity */
import { decimalComparison } from '../decimal-range.ts';
import type { Expression, Prefix } from '../expression.ts';
import { NUMBER_OPEN, type RangeValue, unitKey } from '../index-row.ts';
import { badValue, splitEscaped, splitPrefix, unescapeValue } from '../search-value.ts';
import type { IndexSink } from '../index-sink.ts';
import { canonicalQuantity, UCUM } from '../ucum.ts';
import { type Element, isElement, type ParameterType } from './parameter-type.ts';

const CURRENCY_SYSTEM = 'urn:iso:std:iso:4217';

/** Where the values of a quantity parameter are kept in canonical units, besides those as given. */
export const canonicalParam = (param: string): string => `${param} ucum`;

export const quantity: ParameterType = {
  store: 'range',
  modifiers: {},

  index(param, value, sink) {
    if (!isElement(value)) return;
    if (typeof value['value'] === 'number') return addQuantity(param, value, value['value'], sink);
    if (isElement(value['origin'])) return addSamples(param, value, value['origin'], sink);
    addRange(param, value, sink);
  },

  parse(param, text) {
    const { prefix, rest } = splitPrefix(text);
    const parts = splitEscaped(rest, '|').map(unescapeValue);
    if (parts.length !== 1 && parts.length !== 3)
      throw badValue(param, 'a quantity has the form number or number|system|code');
    const [decimal, system = '', code = ''] = parts as [string, string?, string?];
    const comparison = decimalComparison(prefix, decimal);
    if (!comparison) throw badValue(param, 'not a decimal number');
    if (system !== '' && code === '') throw badValue(param, 'a unit system needs a unit code');
    if (code === '') return { kind: 'range', param, comparison };
    const canonical = system === UCUM ? canonicalComparison(param, prefix, decimal, code) : undefined;
    if (canonical) return canonical;
    const unit = system === '' ? { code } : { system, code };
    return { kind: 'range', param, comparison: { ...comparison, unit } };
  },
};

/** `0.5 g` finds what was stored as 500 mg: the bounds are compared in the unit that both reduce to. */
function canonicalComparison(
  param: string,
  prefix: Prefix,
  decimal: string,
  code: string,
): Expression | undefined {
  const one = canonicalQuantity(1, code);
  const comparison = decimalComparison(
    prefix,
    decimal,
    (bound) => canonicalQuantity(bound, code)?.value ?? NaN,
  );
  if (!one || !comparison || Number.isNaN(comparison.low) || Number.isNaN(comparison.high)) return undefined;
  return {
    kind: 'range',
    param: canonicalParam(param),
    comparison: { ...comparison, unit: { system: UCUM, code: one.unit } },
  };
}

function addQuantity(param: string, element: Element, value: number, sink: IndexSink): void {
  const comparator = element['comparator'];
  const low = comparator === '<' || comparator === '<=' ? -NUMBER_OPEN : value;
  const high = comparator === '>' || comparator === '>=' ? NUMBER_OPEN : value;
  add(param, low, high, element, sink);
}

function addRange(param: string, element: Element, sink: IndexSink): void {
  const { low, high } = element;
  const lowValue = isElement(low) && typeof low['value'] === 'number' ? low['value'] : undefined;
  const highValue = isElement(high) && typeof high['value'] === 'number' ? high['value'] : undefined;
  if (lowValue === undefined && highValue === undefined) return;
  const unit = (lowValue === undefined ? high : low) as Element;
  add(param, lowValue ?? -NUMBER_OPEN, highValue ?? NUMBER_OPEN, unit, sink);
}

/** SampledData counts as the range of its samples; E, U and L stand for values out of reach. */
function addSamples(param: string, element: Element, origin: Element, sink: IndexSink): void {
  const factor = typeof element['factor'] === 'number' ? element['factor'] : 1;
  const zero = typeof origin['value'] === 'number' ? origin['value'] : 0;
  const data = typeof element['data'] === 'string' ? element['data'].split(' ') : [];
  let low = Infinity;
  let high = -Infinity;
  for (const sample of data) {
    const value = sample === '' ? NaN : zero + Number(sample) * factor;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low <= high) add(param, low, high, origin, sink);
}

function add(param: string, low: number, high: number, element: Element, sink: IndexSink): void {
  const currency = element['currency'];
  const system = typeof currency === 'string' ? CURRENCY_SYSTEM : element['system'];
  const code = typeof currency === 'string' ? currency : element['code'];
  const { unit } = element;
  const value: RangeValue = {
    low,
    high,
    ...(typeof system === 'string' && { system }),
    ...(typeof code === 'string' && { code }),
    ...(typeof unit === 'string' && { unit }),
  };
  sink.range(param, value);
  if (value.code !== undefined) sink.key(unitKey(param, '', value.code));
  if (value.unit !== undefined) sink.key(unitKey(param, '', value.unit));
  if (value.code === undefined || value.system === undefined) return;
  if (value.system === UCUM && addCanonical(param, value, value.code, sink)) return;
  sink.key(unitKey(param, value.system, value.code));
}

/** False for a code that UCUM does not have: then system and code are compared as they are. */
function addCanonical(param: string, { low, high }: RangeValue, code: string, sink: IndexSink): boolean {
  // An open end stays open, whatever the unit.
  const canonicalLow = low === -NUMBER_OPEN ? undefined : canonicalQuantity(low, code);
  const canonicalHigh =
    low === high ? canonicalLow : high === NUMBER_OPEN ? undefined : canonicalQuantity(high, code);
  const unit = (canonicalLow ?? canonicalHigh)?.unit;
  if (unit === undefined) return false;
  const own = canonicalParam(param);
  sink.range(own, {
    low: canonicalLow?.value ?? -NUMBER_OPEN,
    high: canonicalHigh?.value ?? NUMBER_OPEN,
    system: UCUM,
    code: unit,
  });
  sink.key(unitKey(own, UCUM, unit));
  return true;
}
