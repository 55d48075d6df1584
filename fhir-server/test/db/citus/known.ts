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
    'lock of several ids',
    'fails',
    '"could not run distributed query with FOR UPDATE/SHARE commands" when the ids are on several shards: updates of several resources of a type in one Bundle or one group of writes.',
  ),
  known(
    'SelectStmt',
    'correlation not by id',
    'fails',
    '_has and chains that are not narrowed first compare a link of one table with the id of another, whose rows are on other shards; rights that depend on the patient ask his Patient for each row in the same way.',
  ),
  known(
    'SelectStmt',
    'correlation with a local table',
    'fails',
    'Rights ask access.consent_rule for each row of a patient who has a Consent that denies something.',
  ),
  known(
    'SelectStmt',
    'aggregate or limit in a correlation',
    'fails',
    'Sorting by strings, codes and references looks up the least value of each row; rights and _has are fenced by an offset.',
  ),
  known(
    'SelectStmt',
    'subquery among results',
    'fails',
    'Sorting by strings, codes and references; a lock says of each row whether it may be written.',
  ),
  known(
    'SelectStmt',
    'subquery below sent rows',
    'fails',
    'Composite parameters of numbers look into an element of a row, and in it for a value.',
  ),
  known(
    'SelectStmt',
    'subquery first without a column',
    'fails',
    'Rights on the resources of one Patient ask of him alone.',
  ),
  known('SelectStmt', 'recursive', 'fails', ':below and :above of references walk from shard to shard.'),
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
    'ExplainStmt',
    'every shard',
    'wrong',
    'The plan of the coordinator does not know how many rows the shards have: _total=estimate and the choice of an order.',
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
  known(
    'UpdateStmt',
    'every shard',
    'costs',
    'The ids are those of the sent rows and not a condition, so that an update of one resource asks each shard.',
  ),
];
