/** The rules of Consents in the table that access decisions look into. */
import type { ConsentRule, PatientConsent } from '../access/index.ts';
import type { Queryable } from '../db/index.ts';
import { compartmentKey } from '../search/index.ts';
import { hashKey } from './search-sql/index.ts';

/** Puts those of the given Consents in the place of what these ids had. */
export async function replaceConsentRules(
  db: Queryable,
  ids: readonly string[],
  consents: readonly PatientConsent[],
): Promise<void> {
  await db.query('delete from access.consent_rule where consent_id = any($1::text[])', [ids]);
  const rows = consents.flatMap(({ id, patient, rules }) => rules.map((rule) => toRow(id, patient, rule)));
  if (rows.length === 0) return;
  await db.query(
    `insert into access.consent_rule
     select consent_id, node, above, patient, compartment, is_permit, starts, ends, actors, purposes, classes, labels, instances
     from json_populate_recordset(null::access.consent_rule, $1::json)`,
    [JSON.stringify(rows)],
  );
}

const toRow = (consent: string, patient: string, rule: ConsentRule): object => ({
  consent_id: consent,
  node: rule.node,
  above: rule.above ?? null,
  patient,
  compartment: hashKey(compartmentKey('Patient', patient)),
  is_permit: rule.isPermit,
  starts: rule.starts,
  ends: rule.ends,
  actors: rule.actors ?? null,
  purposes: rule.purposes ?? null,
  classes: rule.classes ?? null,
  labels: rule.labels?.map(hashKey) ?? null,
  instances: rule.instances ?? null,
});

interface RuleRow {
  readonly consent_id: string;
  readonly patient: string;
  readonly node: number;
  readonly above: number | null;
  readonly is_permit: boolean;
  readonly starts: number;
  readonly ends: number;
  readonly actors: string[] | null;
  readonly purposes: string[] | null;
  readonly classes: string[] | null;
  readonly labels: string[] | null;
  readonly instances: string[] | null;
}

/** Consents of these Patients that deny something. Labels are hashed keys, as `labelHashes` makes them. */
export async function loadConsents(db: Queryable, patients: readonly string[]): Promise<PatientConsent[]> {
  if (patients.length === 0) return [];
  const { rows } = await db.query<RuleRow>({
    name: 'consents_load',
    text: `select consent_id, patient, node, above, is_permit, starts, ends, actors, purposes, classes, labels::text[], instances
      from access.consent_rule where patient = any($1::text[]) order by consent_id, node`,
    values: [patients],
  });
  return [...Map.groupBy(rows, (row) => row.consent_id)].map(([id, of]) => ({
    id,
    patient: of[0]!.patient,
    rules: of.map(toRule),
  }));
}

const toRule = (row: RuleRow): ConsentRule => ({
  node: row.node,
  above: row.above ?? undefined,
  isPermit: row.is_permit,
  starts: row.starts,
  ends: row.ends,
  actors: row.actors ?? undefined,
  purposes: row.purposes ?? undefined,
  classes: row.classes ?? undefined,
  labels: row.labels?.map((label) => label.replaceAll('-', '')),
  instances: row.instances ?? undefined,
});

/** Hashes of the index keys that can be security labels. */
export const labelHashes = (keys: readonly string[]): ReadonlySet<string> =>
  new Set(keys.filter((key) => key.startsWith('T\n_security\n')).map(hashKey));
