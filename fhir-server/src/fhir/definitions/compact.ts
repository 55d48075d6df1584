/** The compact form of the R4 definitions: what validation, search and access need of them, and nothing else. */

export interface Structure {
  readonly name: string;
  readonly kind: 'resource' | 'complex-type' | 'primitive-type';
  readonly abstract: boolean;
  /** Places in `Definitions.constraints` of those of the type itself. */
  readonly constraints?: readonly number[];
  /** All elements of the snapshot but the first, by path. */
  readonly elements: readonly ElementDefinition[];
}

export interface ElementDefinition {
  /** `Patient.contact.name`; choice elements end in `[x]`. */
  readonly path: string;
  readonly min: number;
  /** `*` or a number. */
  readonly max: string;
  readonly types: readonly ElementType[];
  /** Path of the element whose content this one has too: `Bundle.link`. */
  readonly contentReference?: string;
  /** Whether it belongs to the summary of its resource. */
  readonly summary?: true;
  /** Canonical of the value set to which a required binding holds the element, without its version. */
  readonly requiredBinding?: string;
  /** The value set of a binding that is no must. */
  readonly extensibleBinding?: string;
  readonly preferredBinding?: string;
  /** Of an extensible or preferred binding: what its codes must be of in any case. */
  readonly maxValueSet?: string;
  /** Places in `Definitions.constraints`. */
  readonly constraints?: readonly number[];
}

/** An invariant. https://hl7.org/fhir/R4/conformance-rules.html#constraints */
export interface ConstraintDefinition {
  readonly key: string;
  readonly severity: 'error' | 'warning';
  /** What it says, for people. */
  readonly human: string;
  /** FHIRPath. */
  readonly expression: string;
}

export interface ElementType {
  /** Data type, `Resource`, or a primitive's name; FHIRPath system types are written as FHIR primitives. */
  readonly code: string;
  /** Resource types that a Reference may point to; absent where any may. */
  readonly targets?: readonly string[];
}

export interface SearchParameterDefinition {
  readonly url: string;
  readonly code: string;
  readonly name: string;
  readonly base: readonly string[];
  readonly type: string;
  readonly expression?: string;
  readonly target?: readonly string[];
  /** Of composite parameters: canonical and expression of each part. */
  readonly component?: readonly { readonly definition: string; readonly expression: string }[];
}

export interface Definitions {
  readonly structures: Readonly<Record<string, Structure>>;
  /** Each once, though many elements have it; without ele-1 and ext-1, which are structure in JSON. */
  readonly constraints: readonly ConstraintDefinition[];
  readonly searchParameters: readonly SearchParameterDefinition[];
  /** Resource type → codes of the parameters by which it joins the Patient compartment. */
  readonly patientCompartment: Readonly<Record<string, readonly string[]>>;
  /** Canonical → code system → codes, for the value sets of required bindings that can be listed. */
  readonly valueSets: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}
