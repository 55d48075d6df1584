/** Validation: structure by JSON Schemas compiled from the StructureDefinitions, then a walk for all else. https://hl7.org/fhir/R4/validation.html */
import { Ajv, type ValidateFunction } from 'ajv';
import type { OperationOutcomeIssue } from '@medplum/fhirtypes';
import { isResourceType, structure } from '../fhir/definitions/index.ts';
import { issue } from '../fhir/outcome.ts';
import type { OpenBinding } from './binding.ts';
import type { ExtensionLookup } from './extension-rule.ts';
import { toIssues } from './issues.ts';
import { isJson } from './json.ts';
import { fhirKeywords } from './keywords.ts';
import { schemaId, typeSchemas, type JsonSchema } from './type-schema.ts';
import { EnoughIssues, type Level, Walk } from './walk.ts';

const ISSUES_MAX = 100;

const ajv = new Ajv({
  allErrors: true,
  // Messages with the values would carry PHI into outcomes and logs.
  verbose: false,
  strict: false,
  addUsedSchema: false,
  inlineRefs: false,
  ownProperties: true,
});
for (const definition of fhirKeywords((value, place) => validateNested(value, place)))
  ajv.addKeyword(definition);

const validators = new Map<string, ValidateFunction>();
const added = new Set<string>();

/** Adds the schemas of a type and of all types that it refers to; ajv compiles those that are reached. */
function addType(name: string): void {
  if (added.has(name)) return;
  added.add(name);
  for (const schema of typeSchemas(name)) {
    ajv.addSchema(schema);
    for (const target of referredTypes(schema)) addType(target);
  }
}

function* referredTypes(schema: JsonSchema): Generator<string> {
  for (const [key, value] of Object.entries(schema)) {
    if (key === '$ref') {
      const name = String(value).slice(schemaId('').length);
      if (!name.includes('.')) yield name;
    } else if (typeof value === 'object' && value !== null) yield* referredTypes(value as JsonSchema);
  }
}

function validatorOf(resourceType: string): ValidateFunction {
  let validator = validators.get(resourceType);
  if (validator === undefined) {
    addType(resourceType);
    validator = ajv.getSchema(schemaId(resourceType))!;
    validators.set(resourceType, validator);
  }
  return validator;
}

/** Compiles a type's validator ahead of its first resource, which would wait for it: some 50 ms, and 500 ms for the first type. */
export function prepareValidator(resourceType: string): void {
  validatorOf(resourceType);
}

export interface ValidateOptions {
  readonly level?: Level;
  /** Definitions of extensions besides the standard's own. */
  readonly extensions?: ExtensionLookup | undefined;
}

export interface Validation {
  /** At most a hundred: structure first, then all else, each in the order of the resource's elements. */
  readonly issues: OperationOutcomeIssue[];
  /** Codes of value sets that are not in memory. */
  readonly open: readonly OpenBinding[];
}

/** All that can be said of a resource of any type without asking anyone; no profiles. */
export function validate(value: unknown, { level = 'all', extensions }: ValidateOptions = {}): Validation {
  const issues = structureIssues(value);
  const resourceType = isJson(value) ? value['resourceType'] : undefined;
  if (!isJson(value) || typeof resourceType !== 'string' || !isResourceType(resourceType))
    return { issues, open: [] };
  if (issues.length >= ISSUES_MAX) return { issues, open: [] };
  const walk = new Walk(level, extensions, ISSUES_MAX - issues.length);
  try {
    walk.start(value, resourceType);
  } catch (error) {
    if (!(error instanceof EnoughIssues)) throw error;
  }
  return {
    issues: issues.length === 0 ? walk.issues : distinct([...issues, ...walk.issues]),
    open: walk.open,
  };
}

/** Errors of a resource of any type: what a write is refused for. Empty when it is valid. */
export const validateResource = (value: unknown, extensions?: ExtensionLookup): OperationOutcomeIssue[] =>
  validate(value, { level: 'error', extensions }).issues;

/** Structure, cardinality, formats, required bindings, choices, reference targets and resources inside. */
function structureIssues(value: unknown): OperationOutcomeIssue[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [issue('structure', 'A resource is a JSON object')];
  const { resourceType } = value as { resourceType?: unknown };
  if (typeof resourceType !== 'string')
    return [issue('structure', 'The resource has no resourceType', 'resourceType')];
  if (!isResourceType(resourceType))
    return [issue('structure', 'There is no resource type of this name in FHIR R4', 'resourceType')];
  const validator = validatorOf(resourceType);
  if (validator(value)) return [];
  return distinct((validator.errors ?? []).flatMap((error) => toIssues(resourceType, error)));
}

function distinct(issues: readonly OperationOutcomeIssue[]): OperationOutcomeIssue[] {
  const all = new Map(issues.map((i) => [`${i.expression?.[0]} ${i.diagnostics}`, i]));
  return [...all.values()].slice(0, ISSUES_MAX);
}

function validateNested(value: unknown, place: 'contained' | 'any'): OperationOutcomeIssue[] {
  const issues = structureIssues(value);
  if (place === 'any' || issues.length > 0) return issues;
  const { resourceType, ...rest } = value as { resourceType: string };
  // Constraint dom-2.
  if (Object.hasOwn(rest, 'contained'))
    return [
      issue('invariant', 'A contained resource may not contain resources', `${resourceType}.contained`),
    ];
  const isDomain =
    structure(resourceType)?.elements.some((e) => e.path === `${resourceType}.contained`) === true;
  return isDomain || resourceType === 'Binary' || resourceType === 'Parameters'
    ? []
    : [issue('structure', `A ${resourceType} cannot be contained`, resourceType)];
}
