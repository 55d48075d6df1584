/** Codes that mean the same: those that share a coding, or are led to one another by codes that do. https://hl7.org/fhir/R4/observation-operation-lastn.html */
import type { CodeableConcept } from '@medplum/fhirtypes';

/** Codings as a forest, each pointing towards the one that stands for its group. */
export class CodeGroups {
  readonly #parents = new Map<string, string>();

  /** Makes one group of all codings of a code. */
  join(code: CodeableConcept | undefined): void {
    const [first, ...others] = namesOf(code);
    for (const other of others) {
      const [one, two] = [this.#rootOf(first), this.#rootOf(other)];
      if (one !== two) this.#parents.set(two, one);
    }
  }

  /** What stands for the group; it changes with further joins. */
  groupOf(code: CodeableConcept | undefined): string {
    return this.#rootOf(namesOf(code)[0]);
  }

  #rootOf(name: string): string {
    let root = name;
    for (let up = this.#parents.get(root); up !== undefined; up = this.#parents.get(root)) root = up;
    // What was passed on the way points to the root from now on, so that no path stays long.
    for (let at = name; at !== root;) {
      const next = this.#parents.get(at) ?? root;
      this.#parents.set(at, root);
      at = next;
    }
    return root;
  }
}

/** Of codings, or of the text where no coding has a code. */
function namesOf(code: CodeableConcept | undefined): [string, ...string[]] {
  const codings = (code?.coding ?? []).filter((c) => c.code !== undefined);
  const [first, ...others] = codings.map((c) => `${c.system ?? ''}|${c.code ?? ''}`);
  return first === undefined ? [`text ${code?.text ?? ''}`] : [first, ...others];
}
