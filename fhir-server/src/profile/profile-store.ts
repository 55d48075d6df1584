/** Where profiles find what they are made of: the stored definitions, and the terminology. */
import type { StructureDefinition } from '@medplum/fhirtypes';
import type { Pool } from '../db/index.ts';
import { FhirError } from '../fhir/outcome.ts';
import { serverTerminology, storedStructureDefinition, type Server } from '../interaction/index.ts';
import { expandForSearch } from '../terminology/index.ts';
import type { CodeTest } from '../validate/index.ts';
import type { ProfileStore } from './stored-profiles.ts';

/** `server` is asked at the first use, when it is put together. */
export const createProfileStore = (pool: Pool, server: () => Server): ProfileStore => ({
  structure: (canonical) => storedStructureDefinition(server(), canonical),
  extensions: () => loadExtensions(pool),
  supported: () => loadSupported(pool),
  codes: (valueSet) => listCodes(server(), valueSet),
});

/** Undefined for a value set that is not known, too large, or cannot be worked out. */
async function listCodes(server: Server, valueSet: string): Promise<CodeTest | undefined> {
  try {
    const { codes, systems } = await expandForSearch(serverTerminology(server), valueSet);
    if (systems.length > 0) return undefined;
    const alone = new Set(codes.map(({ code }) => code));
    const coded = new Set(codes.map(({ system, code }) => `${system}|${code}`));
    return (system, code) => (system === undefined ? alone.has(code) : coded.has(`${system}|${code}`));
  } catch (error) {
    if (error instanceof FhirError) return undefined;
    throw error;
  }
}

/** The table of a type exists from its first write on. */
async function hasTable(pool: Pool): Promise<boolean> {
  const { rows } = await pool.query<{ known: boolean }>(
    `select to_regclass('fhir."StructureDefinition"') is not null as known`,
  );
  return rows[0]?.known === true;
}

async function loadSupported(pool: Pool): Promise<ReadonlyMap<string, readonly string[]>> {
  if (!(await hasTable(pool))) return new Map();
  const { rows } = await pool.query<{ type: string; urls: string[] }>(
    `select d ->> 'type' as type, array_agg(distinct d ->> 'url' order by d ->> 'url') as urls
     from (select content::json as d from fhir."StructureDefinition" where not deleted) definitions
     where d ->> 'kind' = 'resource' and d ->> 'derivation' = 'constraint' and d ->> 'status' <> 'retired'
       and d ->> 'abstract' <> 'true'
     group by 1`,
  );
  return new Map(rows.map(({ type, urls }) => [type, urls]));
}

async function loadExtensions(pool: Pool): Promise<StructureDefinition[]> {
  if (!(await hasTable(pool))) return [];
  const { rows } = await pool.query<{ content: string }>(
    `select content from fhir."StructureDefinition"
     where not deleted and content::jsonb ->> 'type' = 'Extension' order by id`,
  );
  return rows.map(({ content }) => JSON.parse(content) as StructureDefinition);
}
