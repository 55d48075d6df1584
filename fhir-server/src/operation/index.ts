/** The face of operation: every $operation that this server has. https://hl7.org/fhir/R4/operations.html */
import type { Operation } from '../interaction/index.ts';
import { breakGlass } from './break-glass.ts';
import { closure } from './closure.ts';
import { diff } from './diff.ts';
import { everything } from './everything.ts';
import { expand } from './expand.ts';
import { bulkExport } from './export/export.ts';
import { graphql } from './graphql/index.ts';
import { lastn } from './lastn.ts';
import { lookup } from './lookup.ts';
import { meta, metaAdd, metaDelete } from './meta.ts';
import { reindex, reindexStatus } from './reindex.ts';
import { book, hold } from './scheduling/book.ts';
import { cancel } from './scheduling/cancel.ts';
import { find } from './scheduling/find.ts';
import { waitlist } from './scheduling/waitlist.ts';
import { socketToken } from './socket-token.ts';
import { subscriptionEvents } from './subscription-events.ts';
import { subscriptionStatus } from './subscription-status.ts';
import { subsumes } from './subsumes.ts';
import { translate } from './translate.ts';
import { validateCode } from './validate-code.ts';
import { validateOperation } from './validate.ts';
import { versions } from './versions.ts';

const all: readonly Operation[] = [
  breakGlass,
  diff,
  everything,
  bulkExport,
  graphql,
  lastn,
  ...[meta, metaAdd, metaDelete],
  reindex,
  reindexStatus,
  ...[find, hold, book, cancel, waitlist],
  ...[closure, expand, lookup, subsumes, translate, validateCode, validateOperation],
  ...[subscriptionStatus, subscriptionEvents, socketToken],
  versions,
];

export const OPERATIONS: ReadonlyMap<string, Operation> = new Map(all.map((o) => [o.name, o]));
