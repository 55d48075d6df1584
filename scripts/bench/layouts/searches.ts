/** The classes of search and what each looks like in SQL in each layout. */
import { compartmentKey } from '../../../fhir-server/src/search/index.ts';
import { hashKey } from '../../../fhir-server/src/storage/search-sql/index.ts';
import type { Probe } from './dataset.ts';
import type { Layout } from './layout.ts';
import { sideSearch } from './side-searches.ts';
import {
  codeKey,
  COLUMNS,
  MONTH_MS,
  PAGE,
  subjectKey,
  type Search,
  type SearchName,
} from './search-terms.ts';
import { key64 } from './write.ts';

/** Searches that do not depend on how keys and dates are stored. */
function commonSearch(name: SearchName): Search | undefined {
  switch (name) {
    case 'read':
      return {
        text: `select ${COLUMNS}, r.deleted from "Observation" r where r.id = $1::text`,
        values: (p) => [p.id],
      };
    case 'name prefix':
      return {
        text: `select ${COLUMNS} from "Patient" r where r.id in (select s.id from "Patient_string" s
          where s.param = 'name' and s.value >= $1::text and s.value < $2::text) ${PAGE}`,
        values: (p) => [p.family.slice(0, 5), `${p.family.slice(0, 5)}\u{10ffff}`],
      };
    case 'include':
      return {
        text: `with page as materialized (select id, content::jsonb as c from "MedicationRequest"
            where id > $1::text and not deleted order by id limit 50),
          encounters as (select ${COLUMNS} from "Encounter" r
            where r.id in (select split_part(c->'encounter'->>'reference', '/', 2) from page)),
          practitioners as (select ${COLUMNS} from "Practitioner" r
            where r.id in (select split_part(c->'requester'->>'reference', '/', 2) from page))
          select id, 0 as version_id, 0 as last_updated, c::text as content from page
          union all select * from encounters union all select * from practitioners`,
        values: (p) => [p.id],
      };
    default:
      return undefined;
  }
}

/** A search in a layout; `types` are those that hold resources of patients' compartments. */
export function searchOf(name: SearchName, layout: Layout, types: readonly string[]): Search {
  const common = commonSearch(name);
  if (common) return common;
  return layout.keys === 'none' ? sideSearch(name, types) : rowSearch(name, layout, types);
}

function rowSearch(name: SearchName, layout: Layout, types: readonly string[]): Search {
  const array = `${layout.keys}[]`;
  const key = (text: string): string => (layout.keys === 'bigint' ? key64(hashKey(text)) : hashKey(text));
  const keys = (...texts: string[]): string => `{${texts.map(key).join(',')}}`;
  const hasCode = (values: (p: Probe) => unknown[], text: string): Search => ({
    text,
    values: (p) => [keys(codeKey(p)), ...values(p)],
  });
  const patient = patientCondition(layout, array);
  const patientValue = (p: Probe): unknown => {
    if (layout.patient === undefined) return keys(subjectKey(p));
    return layout.patient === 'text' ? p.patient : key(compartmentKey('Patient', p.patient));
  };
  switch (name) {
    case 'patient and code':
      if (layout.patient === 'uuid')
        return hasCode(
          (p) => [patientValue(p)],
          `select ${COLUMNS} from "Observation" r where r.keys @> $1::${array} and ${patient} = $2 ${PAGE}`,
        );
      return {
        text: `select ${COLUMNS} from "Observation" r where r.keys @> $1::${array} ${PAGE}`,
        values: (p) => [
          keys(layout.patient === 'text' ? compartmentKey('Patient', p.patient) : subjectKey(p), codeKey(p)),
        ],
      };
    case 'patient, newest first':
      return {
        text: `select ${COLUMNS} from "Observation" r where ${layout.patient === undefined ? patient : `${patient} = $1`}
          and not r.deleted order by r."date hi" desc nulls last, r.id limit 21`,
        values: (p) => [patientValue(p)],
      };
    case 'code alone':
      return hasCode(() => [], `select ${COLUMNS} from "Observation" r where r.keys @> $1::${array} ${PAGE}`);
    case 'chained family':
      return { text: chainSql(layout), values: (p) => [p.family] };
    case '_has code':
      return hasCode(() => [], hasSql(layout, array));
    case 'compartment':
      return compartmentSearch(layout, array, types, patientValue, keys);
    case 'code and dates':
      return hasCode(
        (p) => [p.date - MONTH_MS, p.date + MONTH_MS],
        `select ${COLUMNS} from "Observation" r where r.keys @> $1::${array}
          and r."date lo" >= $2::float8 and r."date lo" <= $3::float8 and r."date hi" <= $3::float8 ${PAGE}`,
      );
    default:
      throw new RangeError(`no search ${name}`);
  }
}

const patientCondition = (layout: Layout, array: string): string =>
  layout.patient === undefined ? `r.keys @> $1::${array}` : 'r.patient';

const FAMILY = `"Patient_string" s where s.param = 'family' and s.value = $1::text`;

/** The key of a reference to the patient, computed in the database. */
const referenceSql = (layout: Layout, id: string): string =>
  `${layout.keys === 'bigint' ? 'key64' : 'key128'}('r', 'subject', 'Patient/' || ${id})`;

function chainSql(layout: Layout): string {
  const condition =
    layout.patient === undefined
      ? `r.keys && (select coalesce(array_agg(${referenceSql(layout, 's.id')}), '{}') from ${FAMILY})`
      : `r.patient in (select p.patient from "Patient" p where p.id in (select s.id from ${FAMILY}))`;
  return `select ${COLUMNS} from "Observation" r where ${condition} ${PAGE}`;
}

function hasSql(layout: Layout, array: string): string {
  const condition =
    layout.patient === undefined
      ? `h.keys @> array[${referenceSql(layout, 'r.id')}] and h.keys @> $1::${array}`
      : `h.patient = r.patient and h.keys @> $1::${array}`;
  return `select ${COLUMNS} from "Patient" r where exists
    (select from "Observation" h where ${condition} and not h.deleted) ${PAGE}`;
}

function compartmentSearch(
  layout: Layout,
  array: string,
  types: readonly string[],
  patientValue: (p: Probe) => unknown,
  keys: (...texts: string[]) => string,
): Search {
  const byColumn = layout.patient !== undefined;
  const parts = types.map((type) => {
    const condition = byColumn ? 'r.patient = $1' : `r.keys @> $1::${array}`;
    return `(select ${COLUMNS} from "${type}" r where ${condition} ${PAGE.replace('21', '100')})`;
  });
  return {
    text: `select * from (${parts.join(' union all ')}) as c limit 100`,
    values: (p) => [byColumn ? patientValue(p) : keys(compartmentKey('Patient', p.patient))],
  };
}
