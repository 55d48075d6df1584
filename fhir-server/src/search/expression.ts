/**
 * The one tree in which searches, access filters and subscription criteria are expressed.
 *
 * The search planner and the access decision build it; `storage/search-sql` compiles it to SQL and
 * `match.ts` evaluates it in memory over an IndexRow. Both must give the same answer for every tree that
 * `isLocal` says can be evaluated on one resource alone.
 */
export type Expression =
  | { readonly kind: 'all' }
  | { readonly kind: 'none' }
  | { readonly kind: 'and'; readonly of: readonly Expression[] }
  | { readonly kind: 'or'; readonly of: readonly Expression[] }
  | { readonly kind: 'not'; readonly of: Expression }
  /** The resource's logical id is one of these. */
  | { readonly kind: 'id'; readonly ids: readonly string[] }
  /** The resource carries at least one of these index keys (token, reference, uri, compartment; see index-row.ts). */
  | { readonly kind: 'key'; readonly keys: readonly string[] }
  /** The resource belongs to one of these Patients or Encounters by its main reference (links.ts). */
  | { readonly kind: 'link'; readonly link: LinkName; readonly ids: readonly string[] }
  /** A value of a string parameter: `value` is normalised (normalise-string.ts), `text` is exact. */
  | StringExpression
  /** A display or text of a token parameter starts with `value`, which is normalised. */
  | { readonly kind: 'label'; readonly param: string; readonly value: string }
  /** A uri is `value` or lies below it: starts with it and a slash, which `value` may bring itself. */
  | { readonly kind: 'path'; readonly param: string; readonly value: string }
  /** At least one value of a date, number or quantity parameter passes the comparison. */
  | { readonly kind: 'range'; readonly param: string; readonly comparison: Comparison }
  /** Whether a string or range parameter, or a link, has any value. */
  | { readonly kind: 'present'; readonly store: 'string' | 'range' | 'link'; readonly param: string }
  /** One element of a composite parameter fulfils all parts; `of` speaks of the parameters '0', '1', … */
  | { readonly kind: 'element'; readonly param: string; readonly of: readonly Expression[] }
  /** A Location lies within the distance. */
  | NearExpression
  /** Comparison with meta.lastUpdated, in milliseconds since the epoch. */
  | { readonly kind: 'lastUpdated'; readonly comparison: Comparison }
  | RemoteExpression
  | RelationExpression;

/** What one resource alone cannot answer: it needs the database, or other resources. */
export type RemoteExpression =
  /** Full text in PostgreSQL's web search syntax; `scope` 'narrative' looks at Resource.text only. */
  | { readonly kind: 'words'; readonly scope: 'narrative' | 'content'; readonly query: string }
  /** A reference of the parameter leads to a resource of `targetType` that matches `of`. */
  | {
      readonly kind: 'chain';
      readonly param: string;
      readonly targetType: string;
      readonly of: Expression;
    }
  /** A resource of `sourceType` that matches `of` refers by its parameter to this one. */
  | { readonly kind: 'has'; readonly sourceType: string; readonly param: string; readonly of: Expression }
  /** An entry of the List refers to this resource. Resolved before it reaches SQL. */
  | { readonly kind: 'list'; readonly id: string }
  /** A token is in the value set, or in the hierarchy of a code. Resolved before it reaches SQL. */
  | {
      readonly kind: 'codes';
      readonly param: string;
      readonly relation: 'in' | 'above' | 'below';
      /** Canonical of the value set; `system|code` for above and below. */
      readonly of: string;
    }
  /** A token has a code that the query finds: of code systems in tables, whose codes are too many to list. */
  | {
      readonly kind: 'tokens';
      /** A key that all of them have beside, which leads to them. */
      readonly among?: string;
      /** Of the key of each code. */
      readonly prefix: string;
      readonly codes: CodeQuery;
    }
  /** This resource or one above it (below it) in the hierarchy of `targetType` is referred to. */
  | {
      readonly kind: 'hierarchy';
      readonly param: string;
      readonly targetType: string;
      readonly parent: string;
      readonly relation: 'above' | 'below';
      readonly id: string;
    };

/** What access asks of the Patient that a resource belongs to: by its main reference, or by compartment where the type has none. */
export type RelationExpression =
  /** The Patient matches `of`. */
  | { readonly kind: 'ofPatient'; readonly of: Expression }
  /** A Consent of the Patient denies it to this recipient. */
  | { readonly kind: 'dissent'; readonly to: Recipient };

/** Who receives what he asks for, as Consents speak of him. */
export interface Recipient {
  /** `Practitioner/1`, `Organization/1`. */
  readonly actors: readonly string[];
  /** Codes of v3-PurposeOfUse; undefined when it is not known what for. */
  readonly purposes?: readonly string[];
}

/** SQL that yields one column `code`; its values are numbered from $1 on. Made by terminology, never by a request. */
export interface CodeQuery {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Main references that have a column of their own. */
export type LinkName = 'patient' | 'encounter';

export interface StringExpression {
  readonly kind: 'string';
  readonly param: string;
  readonly match: 'start' | 'exact' | 'equal' | 'contains' | 'end';
  /** Normalised; for `exact` the normal form of `text`. */
  readonly value: string;
  /** For `exact`: the text itself. */
  readonly text?: string;
}

export interface NearExpression {
  readonly kind: 'near';
  readonly param: string;
  /** Degrees, WGS 84. */
  readonly latitude: number;
  readonly longitude: number;
  readonly distanceKm: number;
}

/** Prefixes of R4 search, section 3.1.1.4.4 (https://hl7.org/fhir/R4/search.html#prefix). */
export type Prefix = 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb' | 'ap';

/**
 * `low` and `high` bound the search value's own implicit range, both inclusive: dates in milliseconds since
 * the epoch, numbers and quantities as they are. For `ap` the planner has already widened the range and the
 * test is "overlaps". With `unit`, only quantities in that unit count.
 */
export interface Comparison {
  readonly prefix: Prefix;
  readonly low: number;
  readonly high: number;
  readonly unit?: QuantityUnit;
}

/** `system` undefined: any system. `code` is compared with the quantity's code, or with its unit text when no system is given. */
export interface QuantityUnit {
  readonly system?: string;
  readonly code: string;
}

export const ALL: Expression = { kind: 'all' };
export const NONE: Expression = { kind: 'none' };

/** Conjunction with the trivial cases folded away. */
export function and(...of: readonly Expression[]): Expression {
  const parts = of.flatMap((e) => (e.kind === 'and' ? e.of : [e])).filter((e) => e.kind !== 'all');
  if (parts.some((e) => e.kind === 'none')) return NONE;
  return parts.length === 0 ? ALL : parts.length === 1 ? parts[0]! : { kind: 'and', of: parts };
}

/** Disjunction with the trivial cases folded away; keys of one disjunction become one lookup. */
export function or(...of: readonly Expression[]): Expression {
  const parts = of.flatMap((e) => (e.kind === 'or' ? e.of : [e])).filter((e) => e.kind !== 'none');
  if (parts.some((e) => e.kind === 'all')) return ALL;
  const keys = parts.flatMap((e) => (e.kind === 'key' ? e.keys : []));
  const others = parts.filter((e) => e.kind !== 'key');
  const merged: Expression[] =
    keys.length === 0 ? others : [{ kind: 'key', keys: [...new Set(keys)] }, ...others];
  return merged.length === 0 ? NONE : merged.length === 1 ? merged[0]! : { kind: 'or', of: merged };
}

export function not(of: Expression): Expression {
  return of.kind === 'all' ? NONE : of.kind === 'none' ? ALL : { kind: 'not', of };
}

const REMOTE = new Set<Expression['kind']>([
  'words',
  'chain',
  'has',
  'list',
  'codes',
  'tokens',
  'hierarchy',
  'ofPatient',
  'dissent',
]);

const RELATION = new Set<Expression['kind']>(['ofPatient', 'dissent']);

/** Whether it asks of no other resource but the Patient that each row belongs to, which is looked up and leads nowhere else. */
export function isDirect(expression: Expression): boolean {
  if (RELATION.has(expression.kind)) return true;
  if (expression.kind === 'and' || expression.kind === 'or') return expression.of.every(isDirect);
  return expression.kind === 'not' ? isDirect(expression.of) : isLocal(expression);
}

/** Whether the expression can be decided on one resource alone, so that rights and subscriptions may rest on it. */
export function isLocal(expression: Expression): boolean {
  if (expression.kind === 'and' || expression.kind === 'or' || expression.kind === 'element')
    return expression.of.every(isLocal);
  if (expression.kind === 'not') return isLocal(expression.of);
  return !REMOTE.has(expression.kind);
}
