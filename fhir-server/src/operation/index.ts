/** The face of operation: every $operation that this server has. https://hl7.org/fhir/R4/operations.html */
import type { Operation } from '../interaction/index.ts';
import { everything } from './everything.ts';
import { lastn } from './lastn.ts';
import { reindex, reindexStatus } from './reindex.ts';

const all: readonly Operation[] = [everything, lastn, reindex, reindexStatus];

export const OPERATIONS: ReadonlyMap<string, Operation> = new Map(all.map((o) => [o.name, o]));
