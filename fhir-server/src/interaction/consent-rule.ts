/** Writes of Consents: their rules are in force with the Consent itself. */
import type { Consent } from '@medplum/fhirtypes';
import { parseConsent } from '../access/index.ts';
import {
  afterCommit,
  EVERYBODY,
  noteAuthor,
  withTransaction,
  type Pool,
  type PoolClient,
} from '../db/index.ts';
import { type Denials, readContents, replaceConsentRules, type ResourceTables } from '../storage/index.ts';
import type { WriteRule } from './server.ts';

/** At the start of each api, one after the other. */
const LOCK = 8106;
const BATCH = 500;

export const createConsentRule = (baseUrl: string, denials?: Pick<Denials, 'forget'>): WriteRule => ({
  record(client, ids) {
    if (denials !== undefined) afterCommit(client, () => denials.forget());
    return putRules(client, ids, baseUrl);
  },
});

async function putRules(client: PoolClient, ids: readonly string[], baseUrl: string): Promise<void> {
  // Nobody may be answered by what lacks them.
  noteAuthor(client, EVERYBODY);
  const contents = await readContents(client, 'Consent', ids);
  const consents = contents.flatMap((content) => parseConsent(JSON.parse(content) as Consent, baseUrl) ?? []);
  await replaceConsentRules(client, ids, consents);
}

/** Makes the rules of Consents that were written before there were rules. */
export async function readOldConsents(pool: Pool, tables: ResourceTables, baseUrl: string): Promise<void> {
  await tables.ensure(['Consent']);
  await withTransaction(pool, async (client) => {
    await client.query('select pg_advisory_xact_lock($1)', [LOCK]);
    const { rowCount } = await client.query(
      'insert into access.consent_state default values on conflict do nothing',
    );
    if (rowCount === 0) return;
    for (let after = ''; ;) {
      const { rows } = await client.query<{ id: string }>(
        'select id from fhir."Consent" where id > $1 and not deleted order by id limit $2',
        [after, BATCH],
      );
      const last = rows.at(-1);
      if (last === undefined) return;
      await putRules(
        client,
        rows.map(({ id }) => id),
        baseUrl,
      );
      after = last.id;
    }
  });
}
