/** Collects what the parameters of one resource contribute to its IndexRow. */
import type { LinkName } from './expression.ts';
import {
  labelKey,
  type ElementRow,
  type IndexRow,
  type Label,
  type RangeValue,
  type Words,
} from './index-row.ts';
import { normaliseString } from './normalise-string.ts';

export class IndexSink {
  readonly #keys = new Set<string>();
  /** Of the strings, so that a resource with very many costs no more for each. */
  readonly #known = new Set<string>();
  readonly #strings: { param: string; value: string; text: string }[] = [];
  readonly #ranges: Record<string, RangeValue[]> = {};
  readonly #links: Partial<Record<LinkName, string>> = {};
  readonly #labels: Label[] = [];
  readonly #elements: Record<string, ElementRow[]> = {};
  #size = 0;

  /** Rises with everything that is added. */
  get size(): number {
    return this.#size;
  }

  key(key: string): void {
    this.#keys.add(key);
    this.#size += 1;
  }

  string(param: string, text: string): void {
    const value = normaliseString(text);
    if (value === '') return;
    const before = this.#known.size;
    if (this.#known.add(`${param}\n${text}`).size === before) return;
    this.#strings.push({ param, value, text });
    this.#size += 1;
  }

  range(param: string, value: RangeValue): void {
    (this.#ranges[param] ??= []).push(value);
    this.#size += 1;
  }

  link(link: LinkName, id: string): void {
    this.#links[link] = id;
    this.#size += 1;
  }

  hasLink(link: LinkName): boolean {
    return this.#links[link] !== undefined;
  }

  label(param: string, text: string): void {
    const value = normaliseString(text);
    if (value !== '') this.#addLabel(param, value, labelKey(param, value));
  }

  uri(param: string, uri: string, key: string): void {
    this.#addLabel(param, uri, key);
  }

  #addLabel(param: string, value: string, key: string): void {
    this.#size += 1;
    if (this.#keys.has(key)) return;
    this.#keys.add(key);
    this.#labels.push({ param, value, key });
  }

  element(param: string, row: ElementRow): void {
    (this.#elements[param] ??= []).push(row);
  }

  row(words: Words = { narrative: '', content: '' }): IndexRow {
    return {
      keys: [...this.#keys],
      strings: this.#strings,
      ranges: this.#ranges,
      links: this.#links,
      labels: this.#labels,
      elements: this.#elements,
      words,
    };
  }
}
