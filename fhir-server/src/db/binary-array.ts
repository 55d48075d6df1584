/**
 * One-dimensional arrays in PostgreSQL's binary format. The driver sends a Buffer as it is, so that long texts need not be
 * escaped into an array literal here and out of it there. https://www.postgresql.org/docs/current/protocol-overview.html#PROTOCOL-FORMAT-CODES
 */

/** OIDs of pg_type that never change. */
const TEXT = 25;
const INT4 = 23;
const INT8 = 20;
const FLOAT8 = 701;
const BOOL = 16;
const UUID = 2950;

const HEADER_BYTES = 20;

export type ElementType = 'text' | 'integer' | 'bigint' | 'float8' | 'boolean' | 'uuid';

type Writer = (buffer: Buffer, value: never, at: number) => void;

const FIXED: Readonly<Record<Exclude<ElementType, 'text'>, { oid: number; bytes: number; write: Writer }>> = {
  integer: { oid: INT4, bytes: 4, write: (b, value: number, at) => b.writeInt32BE(value, at) },
  bigint: { oid: INT8, bytes: 8, write: (b, value: number, at) => b.writeBigInt64BE(BigInt(value), at) },
  float8: { oid: FLOAT8, bytes: 8, write: (b, value: number, at) => b.writeDoubleBE(value, at) },
  boolean: { oid: BOOL, bytes: 1, write: (b, value: boolean, at) => b.writeUInt8(value ? 1 : 0, at) },
  /** 32 hexadecimal digits. */
  uuid: { oid: UUID, bytes: 16, write: (b, value: string, at) => b.write(value, at, 'hex') },
};

/** Values of the type, null where there is none. */
export function binaryArray(type: ElementType, values: readonly unknown[]): Buffer {
  return type === 'text' ? textArray(values as readonly (string | null)[]) : fixedArray(type, values);
}

function header(buffer: Buffer, oid: number, length: number, hasNull: boolean): void {
  buffer.writeInt32BE(1, 0);
  buffer.writeInt32BE(hasNull ? 1 : 0, 4);
  buffer.writeInt32BE(oid, 8);
  buffer.writeInt32BE(length, 12);
  buffer.writeInt32BE(1, 16);
}

function textArray(values: readonly (string | null)[]): Buffer {
  let size = HEADER_BYTES;
  // Three bytes for each UTF-16 unit is the most that UTF-8 needs; the rest is cut off afterwards.
  for (const value of values) size += 4 + (value === null ? 0 : value.length * 3);
  const buffer = Buffer.allocUnsafe(size);
  let at = HEADER_BYTES;
  let hasNull = false;
  for (const value of values) {
    if (value === null) {
      hasNull = true;
      at = buffer.writeInt32BE(-1, at);
      continue;
    }
    const length = buffer.write(value, at + 4, 'utf8');
    buffer.writeInt32BE(length, at);
    at += 4 + length;
  }
  header(buffer, TEXT, values.length, hasNull);
  return buffer.subarray(0, at);
}

function fixedArray(type: Exclude<ElementType, 'text'>, values: readonly unknown[]): Buffer {
  const { oid, bytes, write } = FIXED[type];
  const buffer = Buffer.allocUnsafe(HEADER_BYTES + values.length * (4 + bytes));
  let at = HEADER_BYTES;
  let hasNull = false;
  for (const value of values) {
    if (value === null) {
      hasNull = true;
      at = buffer.writeInt32BE(-1, at);
      continue;
    }
    at = buffer.writeInt32BE(bytes, at);
    write(buffer, value as never, at);
    at += bytes;
  }
  header(buffer, oid, values.length, hasNull);
  return buffer.subarray(0, at);
}
