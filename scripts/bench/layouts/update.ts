/** The update of one Observation, as one statement in each layout. */
import { createHash } from 'node:crypto';
import type { SearchParameterRegistry } from '../../../fhir-server/src/search/index.ts';
import { quoteName } from '../../../fhir-server/src/storage/search-sql/index.ts';
import { paramNumber, type Row } from './dataset.ts';
import type { Layout } from './layout.ts';
import { mainColumns, type Statement } from './write.ts';

/** A new value replaces one key, as when a status changes; all columns and side rows are written anew. */
export function updateStatement(
  row: Row,
  layout: Layout,
  registry: SearchParameterRegistry,
  turn: number,
): Statement {
  const changed = createHash('md5').update(`${turn}`).digest('hex');
  const next: Row = { ...row, keys: [changed, ...row.keys.slice(1)] };
  const columns = mainColumns(row.type, layout, registry).filter((c) => c.name !== 'id');
  const values = [row.id, ...columns.map((c) => c.of(next))];
  const sets = columns.map(
    (c, i) => `${quoteName(c.name)} = $${i + 2}::${c.type}${c.cast === undefined ? '' : `::${c.cast}`}`,
  );
  const update = `update "Observation" set ${sets.join(', ')} where id = $1::text`;
  if (layout.keys !== 'none') return { name: 'update', text: update, values };
  const at = values.length;
  const ranges = Object.entries(next.ranges);
  return {
    name: 'update',
    text: `with k as (delete from "Observation_key" where id = $1::text),
      d as (delete from "Observation_range" where id = $1::text),
      nk as (insert into "Observation_key" select $1::text, * from unnest($${at + 1}::smallint[], $${at + 2}::uuid[])),
      nd as (insert into "Observation_range" select $1::text, a, b, c, d::jsonb
        from unnest($${at + 3}::smallint[], $${at + 4}::float8[], $${at + 5}::float8[], $${at + 6}::text[]) as v(a, b, c, d))
      ${update}`,
    values: [
      ...values,
      next.params,
      [...next.keys, ...next.linkKeys],
      ranges.map(([param]) => paramNumber(`n\n${param}`)),
      ...[0, 1, 2].map((i) => ranges.map(([, range]) => range[i])),
    ],
  };
}
