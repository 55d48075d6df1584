/** The searches on side tables: every condition is a join with the table of keys or of ranges. */
import { compartmentKey } from '../../../fhir-server/src/search/index.ts';
import { hashKey } from '../../../fhir-server/src/storage/search-sql/index.ts';
import { paramNumber, type Probe } from './dataset.ts';
import {
  codeKey,
  COLUMNS,
  MONTH_MS,
  PAGE,
  subjectKey,
  type Search,
  type SearchName,
} from './search-terms.ts';

// The numbers are literals, as the server's own statement would have them: the planner knows their frequency.
const DATE = paramNumber('n\ndate');
const CODE = paramNumber('T\ncode');
const SUBJECT = paramNumber('r\nsubject');
const COMPARTMENT = paramNumber('c\nPatient');

const key = (alias: string, param: number, value: string): string =>
  `join "Observation_key" ${alias} on ${alias}.id = r.id and ${alias}.param = ${param} and ${alias}.hash = ${value}`;

const observations = (joins: string, page = PAGE): string =>
  `select ${COLUMNS} from "Observation" r ${joins} where true ${page}`;

const codeHash = (p: Probe): string => hashKey(codeKey(p));
const subjectHash = (p: Probe): string => hashKey(subjectKey(p));

export function sideSearch(name: SearchName, types: readonly string[]): Search {
  const byCode = key('k', CODE, '$1::uuid');
  switch (name) {
    case 'patient and code':
      return {
        text: observations(`${byCode} ${key('s', SUBJECT, '$2::uuid')}`),
        values: (p) => [codeHash(p), subjectHash(p)],
      };
    case 'patient, newest first':
      return {
        text: observations(
          `${key('s', SUBJECT, '$1::uuid')} left join "Observation_range" d on d.id = r.id and d.param = ${DATE}`,
          'and not r.deleted order by d.high desc nulls last, r.id limit 21',
        ),
        values: (p) => [subjectHash(p)],
      };
    case 'code alone':
      return { text: observations(byCode), values: (p) => [codeHash(p)] };
    case 'chained family':
      return {
        text: `select ${COLUMNS} from "Observation" r where r.id in (select k.id from "Patient_string" s
          join "Observation_key" k on k.param = ${SUBJECT} and k.hash = key128('r', 'subject', 'Patient/' || s.id)
          where s.param = 'family' and s.value = $1::text) ${PAGE}`,
        values: (p) => [p.family],
      };
    case '_has code':
      return {
        text: `select ${COLUMNS} from "Patient" r where exists (select from "Observation_key" s
          join "Observation_key" k on k.id = s.id and k.param = ${CODE} and k.hash = $1::uuid
          where s.param = ${SUBJECT} and s.hash = key128('r', 'subject', 'Patient/' || r.id)) ${PAGE}`,
        values: (p) => [codeHash(p)],
      };
    case 'compartment':
      return compartmentSearch(types);
    case 'code and dates':
      return {
        text: observations(
          `${byCode} join "Observation_range" d on d.id = r.id and d.param = ${DATE}
            and d.low >= $2::float8 and d.low <= $3::float8 and d.high <= $3::float8`,
        ),
        values: (p) => [codeHash(p), p.date - MONTH_MS, p.date + MONTH_MS],
      };
    default:
      throw new RangeError(`no search ${name}`);
  }
}

function compartmentSearch(types: readonly string[]): Search {
  const parts = types.map(
    (type) => `(select ${COLUMNS} from "${type}" r join "${type}_key" c on c.id = r.id
      and c.param = ${COMPARTMENT} and c.hash = $1::uuid where not r.deleted order by r.id limit 100)`,
  );
  return {
    text: `select * from (${parts.join(' union all ')}) as c limit 100`,
    values: (p) => [hashKey(compartmentKey('Patient', p.patient))],
  };
}
