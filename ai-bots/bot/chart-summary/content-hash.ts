/** The hash of what a resource says, whichever server keeps it: without its version, and in whatever order. */
import { createHash } from 'node:crypto';
import type { Resource } from '@medplum/fhirtypes';

export function contentHash({ meta: _meta, ...content }: Resource): string {
  return createHash('sha256').update(JSON.stringify(content, sorted)).digest('hex');
}

const sorted = (_name: string, value: unknown): unknown =>
  value === null || typeof value !== 'object' || Array.isArray(value)
    ? value
    : Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
