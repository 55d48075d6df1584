/** Collects what the parameters of one resource contribute to its IndexRow. */
import type { IndexRow, RangeValue } from './index-row.ts';

export class IndexSink {
  readonly #keys = new Set<string>();
  readonly #strings: { param: string; value: string }[] = [];
  readonly #ranges: Record<string, RangeValue[]> = {};

  key(key: string): void {
    this.#keys.add(key);
  }

  string(param: string, value: string): void {
    if (value === '') return;
    if (this.#strings.some((s) => s.param === param && s.value === value)) return;
    this.#strings.push({ param, value });
  }

  range(param: string, value: RangeValue): void {
    (this.#ranges[param] ??= []).push(value);
  }

  row(): IndexRow {
    return { keys: [...this.#keys], strings: this.#strings, ranges: this.#ranges };
  }
}
