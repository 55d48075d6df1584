/** From what was loaded to the tables that are read: a hierarchy in arrays, words and properties, each found by an inverted index. */
import type { PoolClient } from '../../db/index.ts';
import { detailTable, indexTable, stagingTable } from './table-names.ts';

/** Answers how many concepts there are. */
export async function buildTables(client: PoolClient, id: number): Promise<number> {
  // The largest code systems take minutes, which nobody waits for.
  await client.query(`set local statement_timeout = 0; set local jit = off; set local work_mem = '256MB'`);
  await client.query(`analyze ${stagingTable(id, 'concept')}; analyze ${stagingTable(id, 'parent')}`);
  await client.query(HIERARCHY(id));
  await client.query(INDEX(id));
  await client.query(DETAIL(id));
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::int as count from ${indexTable(id)}`,
  );
  const count = rows[0]!.count;
  await dropStaging(client, id);
  const before = await client.query<{ id: number }>(
    `select o.id from terminology.code_system o
     join terminology.code_system n on n.id = $1 and n.url = o.url and n.version = o.version
     where o.status = 'active'`,
    [id],
  );
  await dropTables(
    client,
    before.rows.map((row) => row.id),
  );
  await client.query(
    `update terminology.code_system set status = 'active', concept_count = $2, loaded_at = now() where id = $1`,
    [id, count],
  );
  return count;
}

/** Systems with all that is kept of them, loaded or being loaded. */
export async function dropTables(client: PoolClient, ids: readonly number[]): Promise<void> {
  for (const id of ids) {
    await client.query(`drop table if exists ${indexTable(id)}, ${detailTable(id)}`);
    await dropStaging(client, id);
  }
  if (ids.length > 0) await client.query('delete from terminology.code_system where id = any($1)', [ids]);
}

const dropStaging = (client: PoolClient, id: number) =>
  client.query(
    `drop table if exists ${(['concept', 'designation', 'property', 'parent', 'progress'] as const)
      .map((what) => stagingTable(id, what))
      .join(', ')}`,
  );

/** Of each concept the numbers of its parents, and of all above it with its own; a loop ends where it closes. */
const HIERARCHY = (id: number): string => `
  create temporary table link on commit drop as
    select distinct c.place as id, p.place as parent
    from ${stagingTable(id, 'parent')} l
    join ${stagingTable(id, 'concept')} c on c.code = l.code
    join ${stagingTable(id, 'concept')} p on p.code = l.parent
    where c.place <> p.place;
  create index on link (id);
  analyze link;
  create temporary table above on commit drop as
    with recursive up (id, above) as (
      select id, parent from link
      union
      select u.id, l.parent from up u join link l on l.id = u.above
    )
    select id, array_agg(above order by above) as above from up where above <> id group by id;
  create temporary table parents on commit drop as
    select id, array_agg(parent order by parent) as parents from link group by id;
  analyze above; analyze parents`;

const INDEX = (id: number): string => `
  create table ${indexTable(id)} (
    id integer not null,
    code text not null collate "C",
    -- Short displays come first when a text is looked for.
    rank integer not null,
    inactive boolean not null,
    abstract boolean not null,
    parents integer[] not null,
    -- With the concept itself.
    above integer[] not null,
    -- Hashes of its properties' names, and of names with values.
    facts bigint[] not null,
    words tsvector not null
  );
  insert into ${indexTable(id)}
    select c.place, c.code, row_number() over (order by length(c.display), c.code), c.inactive, c.abstract,
      coalesce(p.parents, '{}'), c.place || coalesce(a.above, '{}'), coalesce(f.facts, '{}'),
      array_to_tsvector(array(
        select distinct word from string_to_table(c.words || ' ' || coalesce(d.words, ''), ' ') word where word <> ''))
    from ${stagingTable(id, 'concept')} c
    left join parents p on p.id = c.place
    left join above a on a.id = c.place
    left join (
      select code, array_agg(distinct fact) as facts from ${stagingTable(id, 'property')},
        lateral (values (hashtextextended(name, 0)), (hashtextextended(name || '=' || value, 0))) v (fact)
      group by code) f on f.code = c.code
    left join (
      select code, string_agg(words, ' ') as words from ${stagingTable(id, 'designation')} group by code
    ) d on d.code = c.code
    order by c.place;
  alter table ${indexTable(id)} add primary key (id);
  create unique index on ${indexTable(id)} (code);
  create index on ${indexTable(id)} using gin (words) with (fastupdate = off);
  create index on ${indexTable(id)} using gin (above) with (fastupdate = off);
  create index on ${indexTable(id)} using gin (parents) with (fastupdate = off);
  create index on ${indexTable(id)} using gin (facts) with (fastupdate = off);
  analyze ${indexTable(id)}`;

const DETAIL = (id: number): string => `
  create table ${detailTable(id)} (
    id integer not null,
    display text,
    definition text,
    -- As CodeSystem.concept has them.
    designations jsonb,
    properties jsonb
  );
  insert into ${detailTable(id)}
    select c.place, c.display, c.definition, d.designations, p.properties
    from ${stagingTable(id, 'concept')} c
    left join (
      select code, jsonb_agg(designation) as designations from ${stagingTable(id, 'designation')} group by code
    ) d on d.code = c.code
    left join (
      select code, jsonb_agg(property) as properties from ${stagingTable(id, 'property')} group by code
    ) p on p.code = c.code
    order by c.place;
  alter table ${detailTable(id)} add primary key (id);
  analyze ${detailTable(id)}`;
