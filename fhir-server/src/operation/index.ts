/** The face of operation: every $operation that this server has. https://hl7.org/fhir/R4/operations.html */
import type { Operation } from '../interaction/index.ts';
import { everything } from './everything.ts';
import { lastn } from './lastn.ts';

const all: readonly Operation[] = [everything, lastn];

export const OPERATIONS: ReadonlyMap<string, Operation> = new Map(all.map((o) => [o.name, o]));
