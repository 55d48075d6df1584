/** Tokens whose codes a query finds, such as all that a concept of a large code system subsumes. https://hl7.org/fhir/R4/search.html#modifiers */
import type { Expression } from '../../search/index.ts';
import type { CompileContext } from './compile-expression.ts';
import { hashKey } from './key-hash.ts';
import { tableName } from './names.ts';

/**
 * The keys of the codes, which are those of key-hash.ts, are hashed once for the statement, and each row's looked up among
 * them. To look them up in the index would take a time that grows with the square of their number: 15 s for 60,000.
 */
export function compileTokens(
  { among, prefix, codes }: Expression & { kind: 'tokens' },
  {
    alias,
    values,
    resourceType,
    isDistributed,
  }: Pick<CompileContext, 'alias' | 'values' | 'resourceType' | 'isDistributed'>,
): string {
  const before = values.length;
  values.push(...codes.values);
  const query = codes.text.replace(/\$(\d+)/g, (_, number: string) => `$${before + Number(number)}`);
  const key = `$${values.push(prefix)}::text || q.code`;
  const hashed = `encode(substring(sha256(convert_to(${key}, 'UTF8')) for 16), 'hex')::uuid`;
  if (isDistributed) {
    // Citus has no subquery below one that has no table. Beside the rows' own table it has, and runs the query first.
    const [own, hash] = [
      `${alias}n`,
      among === undefined ? undefined : `$${values.push(hashKey(among))}::uuid`,
    ];
    const narrowed = hash === undefined ? '' : `${own}.keys @> array[${hash}] and `;
    return `${alias}.id in (select ${own}.id from ${tableName(resourceType)} ${own} cross join unnest(${own}.keys) k (key) where ${narrowed}k.key in (select ${hashed} from (${query}) q))`;
  }
  // `is true` keeps it from becoming a join, which would be worked out for each row.
  const found = `exists (select from unnest(${alias}.keys) k where (k in (select ${hashed} from (${query}) q)) is true)`;
  if (among === undefined) return found;
  return `(${alias}.keys @> array[$${values.push(hashKey(among))}::uuid] and ${found})`;
}
