/** What is known not to run on Citus, or at a price; docs/scaling.md says the same for operators. */
import type { Construct } from './constructs.ts';

export interface Known {
  readonly statement: string;
  readonly construct: Construct;
  /** `fails`: Citus refuses it. `wrong`: it runs and says something else. `costs`: it runs, and is slower than it looks. */
  readonly on: 'fails' | 'wrong' | 'costs';
  readonly why: string;
}

const known = (statement: string, construct: Construct, on: Known['on'], why: string): Known => ({
  statement,
  construct,
  on,
  why,
});

export const KNOWN: readonly Known[] = [
  known(
    'SelectStmt',
    'every shard',
    'costs',
    'Every search but for one by _id asks each shard, searches of one patient too: ids of his resources are spread.',
  ),
  known(
    'SelectStmt',
    'set operation',
    'costs',
    'Each side is fetched, then put together by the coordinator.',
  ),
  known(
    'SelectStmt',
    'window over all shards',
    'costs',
    'A page is cut by its bytes where its rows are put together: the whole page goes to the coordinator first.',
  ),
  known(
    'SelectStmt',
    'subquery first',
    'costs',
    'Runs on all shards, and its rows go to all of them before the rest begins.',
  ),
  known(
    'SelectStmt',
    'subquery of a local table first',
    'costs',
    'fhir.label is asked on the coordinator, and its keys go to all shards.',
  ),
  known(
    'InsertStmt',
    'rows by way of the coordinator',
    'costs',
    'The rows are made there, the words for the text index too, and copied to the shards.',
  ),
  known(
    'UpdateStmt',
    'join with sent rows',
    'costs',
    'The new rows are an intermediate result on every machine.',
  ),
];
