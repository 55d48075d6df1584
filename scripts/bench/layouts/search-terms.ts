/** What the searches of all layouts share: columns, page and the keys that they look for. */
import { referenceKey, tokenKey } from '../../../fhir-server/src/search/index.ts';
import type { Probe } from './dataset.ts';

export const SEARCHES = [
  'read',
  'patient and code',
  'patient, newest first',
  'code alone',
  'name prefix',
  'chained family',
  '_has code',
  'include',
  'compartment',
  'code and dates',
] as const;

export type SearchName = (typeof SEARCHES)[number];

export interface Search {
  readonly text: string;
  readonly values: (probe: Probe) => unknown[];
}

export const subjectKey = (p: Probe): string => referenceKey('subject', `Patient/${p.patient}`);
export const codeKey = (p: Probe): string => tokenKey('code', p.system, p.code);
export const MONTH_MS = 30 * 86_400_000;
export const COLUMNS = 'r.id, r.version_id, r.last_updated, r.content';
export const PAGE = 'and not r.deleted order by r.id limit 21';
