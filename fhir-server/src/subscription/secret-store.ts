/** Secrets of Subscriptions in PostgreSQL, sealed: written with the version that they belong to. */
import type { Resource, Subscription } from '@medplum/fhirtypes';
import { type Pool, type PoolClient, withTransaction } from '../db/index.ts';
import { FhirError, issue } from '../fhir/outcome.ts';
import type { SecretBox } from '../platform/secret-box.ts';
import { extractIndex, type SearchParameterRegistry } from '../search/index.ts';
import { lockInTurn, type ResourceTables, rewriteIndex } from '../storage/index.ts';
import { concealSecrets, mergeSecrets, PLACEHOLDER, type Secrets, sentSecrets } from './secrets.ts';

const TYPE = 'Subscription';
/** At the start of each api, one after the other. */
const LOCK = 8130;

/** Bound to its Subscription: a row that is copied to another opens nothing. */
const seal = (box: SecretBox, id: string, secrets: Secrets): Promise<string> =>
  box.seal(JSON.stringify({ id, ...secrets }));

/** Undefined for what cannot be opened, as after a change of the server's secret. */
export async function openSecrets(box: SecretBox, id: string, sealed: string): Promise<Secrets | undefined> {
  try {
    const opened = JSON.parse(await box.open(sealed)) as Secrets & { id: string };
    return opened.id === id ? opened : undefined;
  } catch {
    return undefined;
  }
}

/** `sent`: with what is hidden from its writer; undefined when it was deleted. Throws 422 for a placeholder without a value. */
export async function recordSecrets(
  client: PoolClient,
  box: SecretBox,
  id: string,
  sent: Subscription | undefined,
): Promise<void> {
  const given = sent && sentSecrets(sent);
  if (given === undefined) {
    await client.query('delete from subscription_secret where subscription_id = $1', [id]);
    return;
  }
  const { rows } = await client.query<{ sealed: string }>(
    'select sealed from subscription_secret where subscription_id = $1',
    [id],
  );
  const before = rows[0] && (await openSecrets(box, id, rows[0].sealed));
  const merged = mergeSecrets(given, before);
  if (merged === undefined) {
    const text = `${PLACEHOLDER} stands for a value that is kept for this endpoint, and there is none; send the values themselves`;
    throw new FhirError(422, [issue('business-rule', text, 'Subscription.channel.header')]);
  }
  await put(client, id, await seal(box, id, merged));
}

const put = (client: PoolClient, id: string, sealed: string): Promise<unknown> =>
  client.query(
    `insert into subscription_secret (subscription_id, sealed) values ($1, $2)
     on conflict (subscription_id) do update set sealed = excluded.sealed, recorded_at = now()`,
    [id, sealed],
  );

interface OldRow {
  readonly id: string;
  readonly version_id: number;
  readonly content: string;
}

/** Rows with a placeholder have nothing else: all of a version is concealed at once. */
const WITH_SECRETS = `content ~ '"header"|subscription-secret' and content not like '%${PLACEHOLDER}%'`;

/** Takes the secrets out of Subscriptions that were written when their versions held them, and out of their index. */
export async function concealOldSubscriptions(options: {
  readonly pool: Pool;
  readonly tables: Pick<ResourceTables, 'ensure'>;
  readonly registry: SearchParameterRegistry;
  readonly baseUrl: string;
  readonly box: SecretBox;
}): Promise<void> {
  const { pool, tables, registry, baseUrl, box } = options;
  await tables.ensure([TYPE]);
  await withTransaction(pool, async (client) => {
    await client.query('select pg_advisory_xact_lock($1)', [LOCK]);
    const there = await client.query<{ id: string }>(
      `select id from fhir."Subscription" where not deleted and ${WITH_SECRETS}`,
    );
    const current = await lockInTurn<Omit<OldRow, 'version_id'>>(
      client,
      `select id, content from fhir."Subscription" where id = $1 and not deleted and ${WITH_SECRETS} for update`,
      there.rows.map(({ id }) => id),
    );
    for (const { id, content } of current) {
      const given = sentSecrets(JSON.parse(content) as Subscription);
      if (given === undefined) continue;
      await put(client, id, await seal(box, id, given));
      const shown = conceal(content);
      await client.query('update fhir."Subscription" set content = $2 where id = $1', [id, shown]);
      const index = extractIndex(JSON.parse(shown) as Resource, { registry, baseUrl });
      await rewriteIndex(client, registry, TYPE, [{ id, index }]);
    }
    const superseded = await client.query<OldRow>(
      `select id, version_id, content from fhir."Subscription_history" where not deleted and ${WITH_SECRETS}`,
    );
    for (const { id, version_id, content } of superseded.rows)
      await client.query(
        'update fhir."Subscription_history" set content = $3 where id = $1 and version_id = $2',
        [id, version_id, conceal(content)],
      );
  });
}

const conceal = (content: string): string =>
  JSON.stringify(concealSecrets(JSON.parse(content) as Subscription));
