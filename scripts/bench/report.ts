/** Figures as a table for people and as JSON for comparisons. */
export interface Row {
  readonly scale: string;
  readonly work: string;
  readonly perSecond: number;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  readonly errors: number;
  /** Milliseconds of processor time for each unit of work. */
  readonly cpuMs?: { readonly api?: number; readonly postgres?: number; readonly load?: number };
  readonly apiRssMb?: number;
  /** The server refused the first request as the client's fault: nothing was measured. */
  readonly isUnsupported?: boolean;
  readonly ofReference?: number;
  readonly ofCeiling?: number;
  readonly note?: string;
}

export const number = (value: number | undefined, digits: number): string =>
  value === undefined || Number.isNaN(value) ? '' : value.toFixed(digits);

/** Processor time is unknown where there is no /proc; rows that measured none have no `cpuMs` at all. */
const cpu = ({ cpuMs }: Row, of: 'api' | 'postgres' | 'load'): string =>
  cpuMs !== undefined && cpuMs[of] === undefined ? 'n/a' : number(cpuMs?.[of], 3);

type Columns<R> = readonly (readonly [title: string, of: (row: R) => string])[];

const COLUMNS: Columns<Row> = [
  ['scale', (r) => r.scale],
  ['work', (r) => r.work],
  ['per second', (r) => (r.isUnsupported === true ? 'not supported' : number(r.perSecond, 0))],
  ['p50 ms', (r) => number(r.p50Ms, 2)],
  ['p99 ms', (r) => number(r.p99Ms, 2)],
  ['errors', (r) => String(r.errors)],
  ['api ms', (r) => cpu(r, 'api')],
  ['postgres ms', (r) => cpu(r, 'postgres')],
  ['load ms', (r) => cpu(r, 'load')],
  ['api RSS MB', (r) => number(r.apiRssMb, 0)],
  ['× reference', (r) => number(r.ofReference, 1)],
  ['of ceiling', (r) => (r.ofCeiling === undefined ? '' : `${Math.round(r.ofCeiling * 100)} %`)],
  ['note', (r) => r.note ?? ''],
];

export const table = (rows: readonly Row[]): string => tableOf(COLUMNS, rows);

export function tableOf<R>(columns: Columns<R>, rows: readonly R[]): string {
  const cells = [columns.map(([title]) => title), ...rows.map((row) => columns.map(([, of]) => of(row)))];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => line[i]!.length)));
  const lines = cells.map((line) => `| ${line.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`);
  const rule = `| ${widths.map((w) => '-'.repeat(w)).join(' | ')} |`;
  return [lines[0], rule, ...lines.slice(1)].join('\n');
}
