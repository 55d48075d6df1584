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

async function loadExtensions(pool: Pool): Promise<StructureDefinition[]> {
  // The table of a type exists from its first write on.
  const { rows: tables } = await pool.query<{ known: boolean }>(
    `select to_regclass('fhir."StructureDefinition"') is not null as known`,
  );
  if (tables[0]?.known !== true) return [];
  const { rows } = await pool.query<{ content: string }>(
    `select content from fhir."StructureDefinition"
     where not deleted and content::jsonb ->> 'type' = 'Extension' order by id`,
  );
  return rows.map(({ content }) => JSON.parse(content) as StructureDefinition);
}
