/** The events of a write in the outbox. */
import { randomFillSync } from 'node:crypto';
import { binaryArray, type QueryConfig } from '../db/index.ts';
import { isTracing, tracedContext, traceparentOf } from '../platform/tracing.ts';
import type { NewVersion } from './write-versions.ts';

/** Records what was written for whoever shall hear of it, with its place in a trace if it has one. */
export function eventStatement(versions: readonly NewVersion[]): QueryConfig {
  const traceparents = isTracing() ? traceparentsOf(versions) : undefined;
  const values = eventValues(versions);
  if (traceparents === undefined)
    return {
      name: 'record events',
      text: `insert into outbox (id, resource_type, resource_id, version_id, interaction)
        select * from unnest($1::uuid[], $2::text[], $3::text[], $4::integer[], $5::text[])`,
      values,
    };
  return {
    name: 'record traced events',
    text: `insert into outbox (id, resource_type, resource_id, version_id, interaction, traceparent)
      select * from unnest($1::uuid[], $2::text[], $3::text[], $4::integer[], $5::text[], $6::text[])`,
    values: [...values, binaryArray('text', traceparents)],
  };
}

/** Undefined where no write belongs to a trace that is recorded. */
function traceparentsOf(versions: readonly NewVersion[]): (string | null)[] | undefined {
  const here = traceparentOf(tracedContext());
  const found = versions.map(({ traceparent = here ?? null }) => traceparent);
  return found.every((one) => one === null) ? undefined : found;
}

const eventValues = (versions: readonly NewVersion[]): unknown[] => [
  binaryArray(
    'uuid',
    versions.map((v) => uuidV7(v.lastUpdated)),
  ),
  binaryArray(
    'text',
    versions.map((v) => v.resourceType),
  ),
  binaryArray(
    'text',
    versions.map((v) => v.id),
  ),
  binaryArray(
    'integer',
    versions.map((v) => v.versionId),
  ),
  binaryArray(
    'text',
    versions.map((v) => v.interaction),
  ),
];

/** Random bytes are asked for in bulk: asking costs more than the bytes. */
const random = Buffer.alloc(10 * 512);
let randomUsed = random.length;

/** RFC 9562 section 5.7: 48 bits of milliseconds, then random; as 32 hexadecimal digits. */
function uuidV7(milliseconds: number): string {
  if (randomUsed === random.length) {
    randomFillSync(random);
    randomUsed = 0;
  }
  const bytes = random.subarray(randomUsed, (randomUsed += 10));
  bytes[0] = (bytes[0]! & 0x0f) | 0x70;
  bytes[2] = (bytes[2]! & 0x3f) | 0x80;
  return milliseconds.toString(16).padStart(12, '0') + bytes.toString('hex');
}
