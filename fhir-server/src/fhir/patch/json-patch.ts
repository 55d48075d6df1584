/** JSON Patch. https://www.rfc-editor.org/rfc/rfc6902 */
import { applyPatch, type Operation } from 'rfc6902';
import { malformed, notApplicable, OPERATIONS_MAX } from './refusals.ts';

/** Operation → the members that it needs besides `path`. */
const OPERATIONS: Readonly<Record<string, 'value' | 'from' | undefined>> = {
  add: 'value',
  remove: undefined,
  replace: 'value',
  move: 'from',
  copy: 'from',
  test: 'value',
};

/** RFC 6901 section 3. */
const POINTER = /^(?:\/(?:[^/~]|~[01])*)+$/;
const PROTOTYPES = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * The resource after all operations; the one given stays as it is. Throws 400 for a document that is no JSON Patch, with
 * `patch[2].path` as the place, and 422 when an operation cannot be applied or a test fails.
 */
export function applyJsonPatch(resource: unknown, operations: unknown): unknown {
  const checked = checkOperations(operations);
  const patched = structuredClone(resource);
  for (const [i, operation] of checked.entries()) {
    if (!isReachable(patched, operation) || applyPatch(patched, [operation])[0] !== null)
      throw notApplicable(reasonOf(operation), `patch[${i}]`);
  }
  return patched;
}

/** The library's own words quote values, which may be told to the client, and not to a log. */
function reasonOf({ op, path }: Operation): string {
  const at = path.slice(0, 200);
  return op === 'test' ? `The test of ${at} failed` : `There is nothing to ${op} at ${at}`;
}

/** The library takes some places for members that are none, and fails in others. */
function isReachable(document: unknown, operation: Operation): boolean {
  const isNew = operation.op !== 'remove' && operation.op !== 'replace' && operation.op !== 'test';
  if ('from' in operation && !leads(document, operation.from, false)) return false;
  return leads(document, operation.path, isNew);
}

/** Whether the pointer leads to a value, or with `isNew` to where one can be put. */
function leads(document: unknown, pointer: string, isNew: boolean): boolean {
  const tokens = pointer.split('/').slice(1).map(unescapeToken);
  let at: unknown = document;
  for (const [i, token] of tokens.entries()) {
    const isPlace = isNew && i === tokens.length - 1;
    if (Array.isArray(at)) {
      const index = /^(?:0|[1-9]\d{0,8})$/.test(token) ? Number(token) : NaN;
      if (isPlace) return token === '-' || index <= at.length;
      if (!(index < at.length)) return false;
      at = at[index];
    } else if (typeof at === 'object' && at !== null) {
      if (isPlace) return true;
      if (!Object.hasOwn(at, token)) return false;
      at = (at as Record<string, unknown>)[token];
    } else return false;
  }
  return true;
}

const unescapeToken = (token: string): string => token.replaceAll('~1', '/').replaceAll('~0', '~');

function checkOperations(operations: unknown): Operation[] {
  if (!Array.isArray(operations)) throw malformed('A JSON Patch is an array of operations', 'patch');
  if (operations.length > OPERATIONS_MAX)
    throw malformed(`A patch may have at most ${OPERATIONS_MAX} operations`, 'patch');
  return operations.map((operation: unknown, i) => checkOperation(operation, `patch[${i}]`));
}

function checkOperation(value: unknown, place: string): Operation {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformed('An operation is an object', place);
  const operation = value as Readonly<Record<string, unknown>>;
  const { op } = operation;
  if (typeof op !== 'string' || !Object.hasOwn(OPERATIONS, op))
    throw malformed(`op must be one of ${Object.keys(OPERATIONS).join(', ')}`, `${place}.op`);
  checkPointer(operation['path'], `${place}.path`);
  const needed = OPERATIONS[op];
  if (needed === 'value' && !Object.hasOwn(operation, 'value'))
    throw malformed(`${op} needs a value`, `${place}.value`);
  if (needed === 'from') checkPointer(operation['from'], `${place}.from`);
  const isInside =
    needed === 'from' && `${operation['path'] as string}/`.startsWith(`${operation['from'] as string}/`);
  if (op === 'move' && isInside && operation['path'] !== operation['from'])
    throw malformed('Nothing can be moved into itself', `${place}.path`);
  return operation as unknown as Operation;
}

/** The resource as a whole is replaced by an update, not by a patch. */
function checkPointer(pointer: unknown, place: string): void {
  if (typeof pointer !== 'string' || !POINTER.test(pointer))
    throw malformed('A JSON Pointer to an element is needed, such as /name/0/family', place);
  if (pointer.split('/').some((token) => PROTOTYPES.has(unescapeToken(token))))
    throw malformed('There is no such element in FHIR', place);
}
