/** Places in the write-ahead log, as numbers that can be compared. https://www.postgresql.org/docs/current/datatype-pg-lsn.html */

export type LogPosition = bigint;

/** From PostgreSQL's text, two hexadecimal halves: `16/B374D848`. Undefined for anything else. */
export function parseLogPosition(text: string | null | undefined): LogPosition | undefined {
  const halves = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(text ?? '');
  return halves === null ? undefined : (BigInt(`0x${halves[1]}`) << 32n) | BigInt(`0x${halves[2]}`);
}

export const formatLogPosition = (position: LogPosition): string =>
  `${(position >> 32n).toString(16).toUpperCase()}/${(position & 0xffffffffn).toString(16).toUpperCase()}`;

export const latest = (...positions: readonly (LogPosition | undefined)[]): LogPosition =>
  positions.reduce<LogPosition>((max, one) => (one !== undefined && one > max ? one : max), 0n);
