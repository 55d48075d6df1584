/** Evaluates an expression in memory: access decisions on one resource, and subscription criteria. */
import { passes } from './compare-range.ts';
import { distanceKm } from './distance.ts';
import type { Expression, NearExpression, StringExpression } from './expression.ts';
import type { ElementRow, IndexRow, StringValue } from './index-row.ts';
import { latitudeOf, longitudeOf } from './parameter/special.ts';

export interface Candidate {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly lastUpdated: number;
  readonly index: IndexRow;
}

/**
 * Gives the same answer as the SQL of storage/search-sql for the same expression and resource. Throws RangeError for
 * an expression that `isLocal` refuses: such must not have been accepted as a right or as criteria.
 */
export function matches(expression: Expression, candidate: Candidate): boolean {
  const { index } = candidate;
  switch (expression.kind) {
    case 'all':
      return true;
    case 'none':
      return false;
    case 'and':
      return expression.of.every((e) => matches(e, candidate));
    case 'or':
      return expression.of.some((e) => matches(e, candidate));
    case 'not':
      return !matches(expression.of, candidate);
    case 'id':
      return expression.ids.includes(candidate.id);
    case 'link':
      return expression.ids.includes(index.links[expression.link] ?? '');
    case 'label':
      return index.labels.some((l) => l.param === expression.param && l.value.startsWith(expression.value));
    case 'path':
      return index.labels.some((l) => l.param === expression.param && isBelow(l.value, expression.value));
    case 'present':
      return isPresent(expression, index);
    case 'near':
      return isNear(expression, index);
    case 'lastUpdated':
      return passes({ low: candidate.lastUpdated, high: candidate.lastUpdated }, expression.comparison);
    case 'element':
      return (index.elements[expression.param] ?? []).some((row) =>
        expression.of.every((e) => matchesElement(e, row)),
      );
    case 'key':
    case 'string':
    case 'range':
      return matchesElement(expression, index);
    case 'words':
    case 'chain':
    case 'has':
    case 'list':
    case 'codes':
    case 'tokens':
    case 'hierarchy':
    case 'ofPatient':
    case 'dissent':
      throw new RangeError(`${expression.kind} cannot be decided on one resource`);
  }
}

const isBelow = (value: string, path: string): boolean =>
  value === path || value.startsWith(path.endsWith('/') ? path : `${path}/`);

/** What a row of a composite's element can be asked. */
function matchesElement(expression: Expression, row: ElementRow): boolean {
  switch (expression.kind) {
    case 'key':
      return expression.keys.some((key) => row.keys.includes(key));
    case 'string':
      return row.strings.some((s) => s.param === expression.param && matchesString(s, expression));
    case 'range':
      return (row.ranges[expression.param] ?? []).some((value) => passes(value, expression.comparison));
    case 'or':
      return expression.of.some((e) => matchesElement(e, row));
    case 'none':
      return false;
    default:
      throw new RangeError(`${expression.kind} is not a part of a composite`);
  }
}

function matchesString(found: StringValue, { match, value, text }: StringExpression): boolean {
  switch (match) {
    case 'start':
      return found.value.startsWith(value);
    case 'exact':
      return found.text === text;
    case 'equal':
      return found.value === value;
    case 'contains':
      return found.value.includes(value);
    case 'end':
      return found.value.endsWith(value);
  }
}

function isPresent({ store, param }: Expression & { kind: 'present' }, index: IndexRow): boolean {
  if (store === 'string') return index.strings.some((s) => s.param === param);
  if (store === 'range') return (index.ranges[param] ?? []).length > 0;
  return index.links[param as 'patient' | 'encounter'] !== undefined;
}

function isNear(near: NearExpression, { ranges }: IndexRow): boolean {
  const latitude = ranges[latitudeOf(near.param)]?.[0]?.low;
  const longitude = ranges[longitudeOf(near.param)]?.[0]?.low;
  if (latitude === undefined || longitude === undefined) return false;
  return distanceKm(near, latitude, longitude) <= near.distanceKm;
}
