/** One request of a search class, and the plans of what it made the server send. */
import { expect } from '@jest/globals';
import type { Bundle } from '@medplum/fhirtypes';
import { linkOf } from '../../support/searcher.ts';
import type { TestServer } from '../../support/server.ts';
import { costOf, essentialLines, sequentialScans, type Cost } from './read-plan.ts';
import type { SearchClass } from './search-classes.ts';
import type { ExplainedStatement, PlanWatch } from './watch-plans.ts';

export interface Asked extends Cost {
  readonly search: SearchClass;
  readonly entries: number;
  readonly sequential: readonly string[];
  readonly lines: readonly string[];
}

/** Reads of resources and their index; the account's rights are in tables of a few rows. */
const isOurs = ({ text, root }: ExplainedStatement): boolean =>
  // What is only explained, for an estimate, reads nothing.
  text.includes('fhir."') && root['Actual Rows'] !== undefined;

const encoded = (path: string): string => encodeURI(path).replaceAll('|', '%7C');

async function bundleOf(response: Response, path: string): Promise<Bundle> {
  const body = (await response.json()) as Bundle;
  expect([path, response.status, response.status === 200 ? '' : JSON.stringify(body)]).toEqual([path, 200, '']); // prettier-ignore
  return body;
}

export async function ask(server: TestServer, watch: PlanWatch, search: SearchClass): Promise<Asked> {
  const { headers = {}, body } = search;
  const path = await startOf(server, search);
  let bundle: Bundle | undefined;
  const send = async (): Promise<void> => {
    const options = { headers, ...(body === undefined ? {} : { body }) };
    bundle = await bundleOf(await server.fhir(body === undefined ? 'GET' : 'POST', path, options), path);
  };
  const statements = (await watch.during(send)).filter(isOurs);
  return {
    search,
    ...costOf(statements),
    entries: bundle?.entry?.length ?? 0,
    sequential: sequentialScans(statements),
    lines: statements.flatMap(essentialLines),
  };
}

/** Where the request goes: the links of a page lead to the one that is asked. */
async function startOf(server: TestServer, { path, link }: SearchClass): Promise<string> {
  const first = encoded(path);
  if (link === undefined) return first;
  const follow = async (from: string, relation: string): Promise<string> => {
    const to = linkOf(await bundleOf(await server.fhir('GET', from), from), relation);
    if (to === undefined) throw new Error(`${from} has no ${relation} page`);
    return to;
  };
  const next = await follow(first, 'next');
  return link === 'next' ? next : follow(next, 'previous');
}
