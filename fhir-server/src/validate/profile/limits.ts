/** Smallest and largest values, and lengths. https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.minValue_x_ */
import type { ElementDefinition } from '@medplum/fhirtypes';
import type { Check } from './item.ts';
import { isObject } from './run.ts';
import { standardElement, type Scope } from './scope.ts';

export function checkLimits(element: ElementDefinition, scope: Scope): Check[] {
  const checks: Check[] = [];
  const { maxLength } = element;
  if (maxLength !== undefined && maxLength !== standardElement(element.base?.path ?? '')?.maxLength)
    checks.push(({ value }, at, run) => {
      if (typeof value === 'string' && value.length > maxLength && [...value].length > maxLength)
        run.report('too-long', `${scope.label}: at most ${maxLength} characters are allowed`, at);
    });
  for (const [name, limit] of Object.entries(element) as [string, unknown][]) {
    const side = /^(min|max)Value[A-Z]/.exec(name)?.[1];
    if (side === undefined) continue;
    const text = `${scope.label}: the value must be ${side === 'min' ? 'at least' : 'at most'} ${shown(limit)}`;
    checks.push(({ value }, at, run) => {
      const order = compare(value, limit);
      if (order !== undefined && (side === 'min' ? order < 0 : order > 0)) run.report('value', text, at);
    });
  }
  return checks;
}

const shown = (limit: unknown): string =>
  isObject(limit)
    ? [limit['value'], limit['unit'] ?? limit['code']].filter(Boolean).join(' ')
    : String(limit);

/** Undefined for what cannot be compared: other units, dates that are too coarse. */
function compare(value: unknown, limit: unknown): number | undefined {
  if (typeof value === 'number' && typeof limit === 'number') return value - limit;
  if (isObject(value) && isObject(limit))
    return value['code'] === limit['code'] && value['system'] === limit['system']
      ? compare(value['value'], limit['value'])
      : undefined;
  if (typeof value !== 'string' || typeof limit !== 'string') return undefined;
  if (value.length !== limit.length || !/[Zz]$|^[^T]*$/.test(value)) {
    const [mine, other] = [Date.parse(value), Date.parse(limit)];
    const isExact = value.includes('T') && limit.includes('T');
    return isExact && !Number.isNaN(mine) && !Number.isNaN(other) ? mine - other : undefined;
  }
  return value < limit ? -1 : value > limit ? 1 : 0;
}
