/** What a migration may do while the code of before works on the same database: docs/operations.md, "Upgrades". */

/** Written before there were rules. Nothing is added here. */
export const GRANDFATHERED: ReadonlySet<string> = new Set([
  '0001_fhir.sql',
  '0002_auth.sql',
  '0003_subscription.sql',
  '0004_history_index.sql',
  '0005_search.sql',
  '0006_reindex.sql',
  '0007_label_seen.sql',
  '0008_code_system_tables.sql',
  '0009_package.sql',
  '0010_closure.sql',
  '0011_package_resource.sql',
  '0012_audit.sql',
  '0013_organization.sql',
  '0014_smart.sql',
  '0015_token.sql',
  '0016_account.sql',
  '0017_admin.sql',
  '0019_bulk.sql',
  '0020_access.sql',
  '0021_subscription_rights.sql',
  '0022_denials.sql',
  '0023_delivery_share.sql',
  '0030_subscription_secret.sql',
  '0031_topic_subscription.sql',
  '0032_subscription_socket.sql',
  '0033_subscription_topic_about.sql',
  '0034_subscription_delivery_versions.sql',
  '0035_slot_occupancy.sql',
  '0036_subscription_topic_error.sql',
  '0037_binary_content.sql',
  '0040_traceparent.sql',
  '0042_client_position.sql',
]);

const NAME = String.raw`(?:if (?:not )?exists )?(?:only )?([\w."]+)`;

interface Rule {
  readonly fault: string;
  readonly pattern: RegExp;
  /** A table that the file itself makes has no readers yet. The first group is its name. */
  readonly isFreeOnNew?: true;
  /** `-- contract:` permits it. */
  readonly isContraction?: true;
}

const RULES: readonly Rule[] = [
  { fault: 'drops what the code of before uses', pattern: /\bdrop (?:table|column|schema|view|function|type|sequence|constraint|trigger)\b/, isContraction: true }, // prettier-ignore
  { fault: 'drops a column', pattern: new RegExp(String.raw`alter table ${NAME}\b[^;]*\bdrop (?!not null|default|column|constraint|identity|expression)\w`), isContraction: true }, // prettier-ignore
  { fault: 'renames', pattern: /\brename (?:to|column|constraint|\w+ to)\b/, isContraction: true },
  { fault: 'changes a type, and writes the table anew under a lock', pattern: new RegExp(String.raw`alter table ${NAME}\b[^;]*\balter (?:column )?\w+ (?:set data )?type\b`), isFreeOnNew: true, isContraction: true }, // prettier-ignore
  { fault: 'refuses null, which the code of before may write', pattern: new RegExp(String.raw`alter table ${NAME}\b[^;]*\bset not null\b`), isFreeOnNew: true, isContraction: true }, // prettier-ignore
  { fault: 'adds a column that is not null and has no default, which the code of before does not write', pattern: new RegExp(String.raw`alter table ${NAME}\b[^;]*\badd (?:column )?(?:if not exists )?(?!constraint|check|unique|primary|foreign)\w+ (?:(?!\bdefault\b|\bgenerated\b|,(?![^(]*\))).)*\bnot null\b(?:(?!\bdefault\b|\bgenerated\b|,(?![^(]*\))).)*(?:,(?![^(]*\))|$)`), isFreeOnNew: true }, // prettier-ignore
  { fault: 'adds a column whose default is computed for each row under a lock', pattern: new RegExp(String.raw`alter table ${NAME}\b[^;]*\badd (?:column )?[^;]*\bdefault (?:gen_random_uuid|uuidv7|random|clock_timestamp|nextval)\b`), isFreeOnNew: true }, // prettier-ignore
  { fault: 'builds an index while writers wait: concurrently, in a file without transaction', pattern: new RegExp(String.raw`create (?:unique )?index (?!concurrently)(?:if not exists )?(?:\w+ )?on ${NAME}`), isFreeOnNew: true }, // prettier-ignore
  { fault: 'checks all rows under a lock: not valid first, and validate in another file', pattern: new RegExp(String.raw`alter table ${NAME}\b[^;]*\badd (?:constraint \w+ )?(?:check|foreign key|unique|primary key|exclude)\b(?![^;]*(?:not valid|using index))`), isFreeOnNew: true }, // prettier-ignore
  { fault: 'changes rows under locks: the worker does that, in batches', pattern: new RegExp(String.raw`\b(?:update(?! set\b)|delete from) ${NAME}`), isFreeOnNew: true }, // prettier-ignore
  { fault: 'locks a table as a whole', pattern: /\b(?:lock table|truncate|vacuum full|cluster|reindex (?!.*concurrently)|refresh materialized view (?!concurrently))\b/ }, // prettier-ignore
];

const CONTRACT = /^-- contract: (\d+\.\d+\.\d+)\b/m;
const WITHOUT_TRANSACTION = /^-- without transaction\b/;
const ALONE = /^(?:create (?:unique )?index|drop index|reindex \w+) concurrently\b/;

const isBefore = (one: string, other: string): boolean =>
  one.localeCompare(other, 'en', { numeric: true }) < 0;

/**
 * What is wrong with a migration, as sentences; none for one that is right. `release` is the version of package.json.
 * `-- contract: 1.2.0` permits to take away what code since release 1.2.0 does not use: that release must be out, so `release` is
 * a later one.
 */
export function migrationFaults(name: string, sql: string, release: string): string[] {
  const contract = CONTRACT.exec(sql)?.[1];
  const isPermitted = contract !== undefined && isBefore(contract, release);
  const statements = sql
    .replaceAll(/--.*$/gm, '')
    .replaceAll(/'(?:[^']|'')*'/g, "''")
    .toLowerCase()
    .split(';')
    .map((statement) => statement.replaceAll(/\s+/g, ' ').trim())
    .filter((statement) => statement !== '');
  const made = new Set(
    statements.flatMap((s) => new RegExp(String.raw`^create (?:unlogged )?table ${NAME}`).exec(s)?.[1] ?? []),
  );
  const faults = statements.flatMap((statement) =>
    RULES.flatMap(({ fault, pattern, isFreeOnNew, isContraction }) => {
      const found = pattern.exec(statement);
      if (found === null) return [];
      if (isFreeOnNew && made.has(found[1] ?? '')) return [];
      if (isContraction && isPermitted) return [];
      return [`${name} ${fault}: ${statement.slice(0, 80)}`];
    }),
  );
  if (contract !== undefined && !isPermitted)
    faults.push(`${name} takes away what ${contract} does not use, and that is not out before ${release}`);
  const concurrent = statements.filter((s) => ALONE.test(s));
  if (WITHOUT_TRANSACTION.test(sql) && concurrent.length < statements.length)
    faults.push(`${name} is without transaction, and has more than indexes`);
  if (!WITHOUT_TRANSACTION.test(sql) && concurrent.length > 0)
    faults.push(`${name} builds an index concurrently, and does not begin with "-- without transaction"`);
  for (const index of concurrent.flatMap(
    (s) => /^create .*? (?:if not exists )?(\w+) on /.exec(s)?.[1] ?? [],
  ))
    if (
      !statements.some((s) => s === `drop index concurrently if exists ${index}`) &&
      !statements.some((s) => s.startsWith('drop index concurrently if exists') && s.endsWith(`.${index}`))
    )
      // prettier-ignore
      faults.push(`${name} does not drop ${index} first, which a broken attempt leaves invalid`);
  return faults;
}
