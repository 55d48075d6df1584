/** A code system in tables, asked by SQL. https://hl7.org/fhir/R4/codesystem.html */
import type { CodeSystem, CodeSystemConceptDesignation, CodeSystemConceptProperty } from '@medplum/fhirtypes';
import type { Queryable } from '../../db/index.ts';
import { badRequest, FhirError, issue } from '../../fhir/outcome.ts';
import type { CodeSystemContent, Selection, SelectPage } from '../code-system-content.ts';
import type { Concept, Neighbours, Subsumption } from '../concept.ts';
import type { ConceptSet } from '../concept-set.ts';
import { wordsOf } from '../text-match.ts';
import { compileSet } from './compile-set.ts';
import { detailTable, indexTable } from './table-names.ts';

interface SystemRow {
  readonly id: number;
  readonly url: string;
  readonly version: string;
  readonly name: string | null;
  readonly title: string | null;
  readonly content: CodeSystem['content'];
  readonly caseSensitive: boolean;
  readonly valueSet: string | null;
  readonly count: number;
}

interface ConceptRow {
  readonly code: string;
  readonly display: string | null;
  readonly definition: string | null;
  readonly inactive: boolean;
  readonly abstract: boolean;
  readonly designations: CodeSystemConceptDesignation[] | null;
  readonly properties: CodeSystemConceptProperty[] | null;
}

const COLUMNS = 'i.code, i.inactive, i.abstract, d.display, d.definition, d.designations, d.properties';

/** No longer word is in an index of texts. https://www.postgresql.org/docs/current/textsearch-limitations.html */
const LEXEME_BYTES_MAX = 2_046;

/** Newest versions first: 10.1 is above 9.2, and of dates as RxNorm has them 01062025 above 12022024. */
const byVersion = (a: SystemRow, b: SystemRow): number =>
  sortable(b.version).localeCompare(sortable(a.version), 'en', { numeric: true });

const sortable = (version: string): string => version.replace(/^([01]\d)([0-3]\d)((?:19|20)\d\d)$/, '$3$1$2');

/** Without a version the newest counts; undefined where there is none. */
export async function findTable(db: Queryable, canonical: string): Promise<TableContent | undefined> {
  const [url, version] = canonical.split('|');
  // PostgreSQL has no text with this character.
  if (canonical.includes('\0')) return undefined;
  const { rows } = await db.query<SystemRow>({
    name: 'terminology-systems',
    text: `select id, url, version, name, title, content, case_sensitive as "caseSensitive", value_set as "valueSet",
        concept_count as count
      from terminology.code_system where url = $1 and status = 'active' and ($2::text is null or version = $2)`,
    values: [url, version ?? null],
  });
  const newest = [...rows].sort(byVersion)[0];
  return newest && new TableContent(db, newest);
}

export class TableContent implements CodeSystemContent {
  readonly #db: Queryable;
  readonly #row: SystemRow;
  readonly size = 0;
  readonly isListable = true;

  constructor(db: Queryable, row: SystemRow) {
    this.#db = db;
    this.#row = row;
  }

  get url(): string {
    return this.#row.url;
  }
  get version(): string | undefined {
    return this.#row.version === '' ? undefined : this.#row.version;
  }
  get name(): string | undefined {
    return this.#row.name ?? undefined;
  }
  get title(): string | undefined {
    return this.#row.title ?? undefined;
  }
  get valueSet(): string | undefined {
    return this.#row.valueSet ?? undefined;
  }
  get content(): CodeSystem['content'] {
    return this.#row.content;
  }
  get caseSensitive(): boolean {
    return this.#row.caseSensitive;
  }

  async find(codes: readonly string[]): Promise<ReadonlyMap<string, Concept>> {
    const rows = await this.#query<ConceptRow>(
      `select ${COLUMNS} from ${this.#index} i join ${this.#detail} d using (id) where i.code = any($1::text[])`,
      [codes],
    );
    return new Map(rows.map((row) => [row.code, conceptOf(row)]));
  }

  async neighbours(code: string): Promise<Neighbours> {
    const [row] = await this.#query<Neighbours>(
      `select array(select p.code from ${this.#index} p where p.id = any(i.parents) order by p.id) as parents,
         array(select c.code from ${this.#index} c where c.parents @> array[i.id] order by c.id) as children
       from ${this.#index} i where i.code = $1`,
      [code],
    );
    return row ?? { parents: [], children: [] };
  }

  async select(set: ConceptSet, { text, offset, count }: SelectPage): Promise<Selection> {
    const values: unknown[] = [];
    const condition = this.#condition(set, text, values);
    const isWhole = condition === 'true';
    const page = `$${values.push(offset)}::int`;
    const limit = `$${values.push(count)}::int`;
    const order = text === undefined ? 'id' : 'rank';
    // Without a condition the number is known, and the page is read from where it begins.
    const rows = await this.#query<ConceptRow & { readonly total: number }>(
      isWhole
        ? `select ${this.#row.count}::int as total, ${COLUMNS} from (select id from ${this.#index} order by id offset ${page} limit ${limit}) p
           join ${this.#index} i using (id) join ${this.#detail} d using (id) order by i.id`
        : `with found as materialized (select i.id, i.rank from ${this.#index} i where ${condition}),
           page as (select id from found order by ${order} offset ${page} limit ${limit})
           select (select count(*) from found)::int as total, ${COLUMNS}
           from (select) one left join (page join ${this.#index} i using (id) join ${this.#detail} d using (id)) on true
           order by i.${order}`,
      values,
    );
    const total = isWhole ? this.#row.count : (rows[0]?.total ?? 0);
    // An empty page still tells the total, in a row without a concept.
    return { total, concepts: rows.filter((row) => row.code !== null).map(conceptOf) };
  }

  async members(set: ConceptSet, codes: readonly string[]): Promise<ReadonlySet<string>> {
    const values: unknown[] = [codes];
    const rows = await this.#query<{ code: string }>(
      `select i.code from ${this.#index} i where i.code = any($1::text[]) and ${compileSet(set, { id: this.#row.id, url: this.url, alias: 'i', values })}`,
      values,
    );
    return new Set(rows.map(({ code }) => code));
  }

  async list(set: ConceptSet, max: number): Promise<readonly string[]> {
    const { text, values } = this.codesSql(set);
    const rows = await this.#query<{ code: string }>(`${text} limit $${values.length + 1}::bigint`, [...values, max]); // prettier-ignore
    return rows.map(({ code }) => code);
  }

  codesSql(set: ConceptSet): { text: string; values: readonly unknown[] } {
    const values: unknown[] = [];
    const condition = compileSet(set, { id: this.#row.id, url: this.url, alias: 'i', values });
    return { text: `select i.code from ${this.#index} i where ${condition}`, values };
  }

  async subsumption(a: string, b: string): Promise<Subsumption> {
    if (a === b) return 'equivalent';
    const [row] = await this.#query<{ subsumes: boolean; isSubsumed: boolean }>(
      `select b.above @> array[a.id] as subsumes, a.above @> array[b.id] as "isSubsumed"
       from ${this.#index} a, ${this.#index} b where a.code = $1 and b.code = $2`,
      [a, b],
    );
    if (row?.subsumes === true) return 'subsumes';
    return row?.isSubsumed === true ? 'subsumed-by' : 'not-subsumed';
  }

  async reach(code: string, direction: 'above' | 'below', max: number): Promise<readonly string[]> {
    const condition =
      direction === 'below'
        ? `i.above && array(select id from ${this.#index} where code = $1)`
        : `i.id = any(array(select unnest(above) from ${this.#index} where code = $1))`;
    const rows = await this.#query<{ code: string }>(
      `select i.code from ${this.#index} i where ${condition} limit $2::bigint`,
      [code, max + 1],
    );
    return rows.length === 0 ? [code] : rows.map((row) => row.code);
  }

  get #index(): string {
    return indexTable(this.#row.id);
  }
  get #detail(): string {
    return detailTable(this.#row.id);
  }

  #condition(set: ConceptSet, text: string | undefined, values: unknown[]): string {
    const inSet = compileSet(set, { id: this.#row.id, url: this.url, alias: 'i', values });
    const words = text === undefined ? [] : [...new Set(wordsOf(text))];
    if (words.length === 0) return inSet;
    if (words.some((word) => Buffer.byteLength(word) > LEXEME_BYTES_MAX)) return 'false';
    // Words are letters and digits only, so that nothing in them is of the query's own grammar.
    const sought = words.map((word) => `'${word}':*`).join(' & ');
    return `(i.words @@ $${values.push(sought)}::tsquery and ${inSet})`;
  }

  async #query<R extends object>(text: string, values: unknown[]): Promise<R[]> {
    try {
      return (await (this.#db.openEnded ?? this.#db).query<R>(text, values)).rows;
    } catch (error) {
      throw refusalOf(error, this.url);
    }
  }
}

/** What a request can bring about by itself; everything else is a fault here. https://www.postgresql.org/docs/current/errcodes-appendix.html */
function refusalOf(error: unknown, url: string): unknown {
  switch ((error as { code?: unknown } | null)?.code) {
    case '42P01':
      // A new load of the same version took its place a moment ago.
      return new FhirError(
        503,
        [issue('transient', `The code system ${url} was just loaded anew; try again`)],
        {
          'Retry-After': '1',
        },
      );
    case '2201B':
      return badRequest("The regular expression of a value set's filter is not understood");
    case '22021':
      return badRequest('A code or a filter has a character that no text has');
    default:
      return error;
  }
}

const conceptOf = (row: ConceptRow): Concept => ({
  code: row.code,
  display: row.display ?? undefined,
  definition: row.definition ?? undefined,
  inactive: row.inactive,
  abstract: row.abstract,
  designations: row.designations ?? [],
  properties: row.properties ?? [],
});
