/** Bodies of administration: JSON objects with known members, each checked, every fault with its place. */
import { FhirError, issue } from '../fhir/outcome.ts';

export type Members = Readonly<Record<string, unknown>>;

export class Input {
  readonly #faults: { expression: string; text: string }[] = [];
  readonly #members: Members;

  /** Members that are not known are faults: a misspelt limit must not go unnoticed. */
  constructor(body: unknown, known: readonly string[]) {
    const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
    this.#members = isObject ? (body as Members) : {};
    if (!isObject) this.fault('body', 'must be a JSON object');
    for (const member of Object.keys(this.#members))
      if (!known.includes(member)) this.fault(member, 'is not known here');
  }

  fault(expression: string, text: string): void {
    this.#faults.push({ expression, text });
  }

  get(member: string): unknown {
    return this.#members[member];
  }

  /** `check` answers what is wrong with a value; one that is missing is a fault unless it is optional. */
  text(member: string, check: (value: unknown) => string | undefined): string {
    return this.optional(member, check) ?? this.#missing(member);
  }

  optional(member: string, check: (value: unknown) => string | undefined): string | undefined {
    const value = this.get(member);
    if (value === undefined) return undefined;
    const fault = typeof value === 'string' ? check(value) : 'must be a text';
    if (fault === undefined) return value as string;
    this.fault(member, fault);
    return '';
  }

  flag(member: string): boolean {
    const value = this.get(member) ?? false;
    if (typeof value !== 'boolean') this.fault(member, 'must be true or false');
    return value === true;
  }

  list(member: string, check: (value: unknown) => string | undefined, most: number): string[] | undefined {
    const value = this.get(member);
    if (value === undefined) return undefined;
    if (!Array.isArray(value) || value.length > most) {
      this.fault(member, `must be a list of at most ${most}`);
      return undefined;
    }
    for (const [i, one] of (value as unknown[]).entries()) {
      const fault = check(one);
      if (fault !== undefined) this.fault(`${member}[${i}]`, fault);
    }
    return value as string[];
  }

  #missing(member: string): string {
    this.fault(member, 'is required');
    return '';
  }

  /** Throws FhirError 400 with all faults. */
  done(): void {
    if (this.#faults.length === 0) return;
    throw new FhirError(
      400,
      this.#faults
        .slice(0, 100)
        .map(({ expression, text }) => issue('invalid', `${expression} ${text}`, expression)),
    );
  }
}

/** For `check` of a text by its form. */
export const ofForm =
  (form: RegExp, words: string) =>
  (value: unknown): string | undefined =>
    typeof value === 'string' && form.test(value) ? undefined : words;
