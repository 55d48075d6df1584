/** Every migration lets the code of before work beside it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { GRANDFATHERED, migrationFaults } from './migration-rules.ts';

const root = resolve(import.meta.dirname, '../../..');
const folder = join(root, 'fhir-server/src/db/migrations');
const names = readdirSync(folder).filter((name) => name.endsWith('.sql'));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

test('No migration takes anything from the code of before, or keeps it waiting.', () => {
  const faults = names
    .filter((name) => !GRANDFATHERED.has(name))
    .flatMap((name) => migrationFaults(name, readFileSync(join(folder, name), 'utf8'), version));
  expect(faults).toEqual([]);
});

test('What is excepted is there, and older than what is not.', () => {
  expect([...GRANDFATHERED].filter((name) => !names.includes(name))).toEqual([]);
  const newer = names.filter((name) => !GRANDFATHERED.has(name));
  expect(newer.filter((name) => name <= [...GRANDFATHERED].sort().at(-1)!)).toEqual([]);
});

describe('Refused is', () => {
  test.each([
    ['drop table fhir.a;', 'drops'],
    ['alter table a drop column b;', 'drops'],
    ['alter table a drop b;', 'drops'],
    ['alter table a rename to b;', 'renames'],
    ['alter table a rename column b to c;', 'renames'],
    ['alter table a alter column b type bigint;', 'type'],
    ['alter table a alter b set not null;', 'null'],
    ['alter table a add column b text not null;', 'no default'],
    ['alter table a add column b numeric(1,2) not null, add column c text default 1;', 'no default'],
    ['alter table a add column b uuid default gen_random_uuid();', 'computed'],
    ['create index on fhir.a (b);', 'concurrently'],
    ['create unique index a_b on a (b);', 'concurrently'],
    ['alter table a add constraint c check (b > 1);', 'not valid'],
    ['alter table a add foreign key (b) references c;', 'not valid'],
    ['update a set b = 1;', 'batches'],
    ['delete from a;', 'batches'],
    ['lock table a;', 'locks'],
    ['truncate a;', 'locks'],
    ['create index concurrently x on a (b);', 'without transaction'],
    ['-- without transaction\ncreate index concurrently x on a (b);', 'drop x first'],
    ['-- without transaction\nalter table a add b text;', 'more than indexes'],
    ['-- contract: 0.2.0\ndrop table a;', 'not out'],
    ['do $$ begin execute 1; alter table a drop b; end $$;', 'drops'],
  ])('%s', (sql, fault) => {
    expect(migrationFaults('x', sql, '0.2.0').join('\n')).toContain(fault);
  });
});

describe('Permitted is', () => {
  test.each([
    'create table a (b text not null); create index on a (b); update a set b = 1;',
    'alter table a add column b text;',
    "alter table a add column if not exists b text not null default 'x', add column c bigint;",
    'alter table a add column b timestamptz not null default now();',
    'alter table a alter b drop not null;',
    'alter table a add constraint c check (b > 1) not valid;',
    "insert into a values ('drop table b; delete from c')",
    '-- drop table a\ncreate schema s;',
    '-- without transaction\ndrop index concurrently if exists s.x;\ncreate index concurrently x on s.a (b);',
    '-- contract: 0.1.9\nalter table a drop column b;',
  ])('%s', (sql) => {
    expect(migrationFaults('x', sql, '0.2.0')).toEqual([]);
  });
});
