/** The invariants that a profile adds. https://hl7.org/fhir/R4/conformance-rules.html#constraints */
import type { ElementDefinition, ElementDefinitionConstraint } from '@medplum/fhirtypes';
import { compileConstraint, ExtendedPrimitive, type Test } from '../../fhir/fhirpath/index.ts';
import { DefinitionError } from './element-tree.ts';
import type { Check } from './item.ts';
import { standardElement, standardTypeOf, type Scope } from './scope.ts';

/** Invariants of the standard's types are checked without any profile. */
function isStandard(
  { key, source }: ElementDefinitionConstraint,
  { base, type }: ElementDefinition,
): boolean {
  if (key === 'ele-1' || key === 'ext-1') return true;
  if (source !== undefined && source.includes(':')) return standardTypeOf(source) !== undefined;
  const paths = [base?.path ?? '', ...(type ?? []).map(({ code = '' }) => code)];
  return paths.some((path) => standardElement(path)?.constraint?.some((c) => c.key === key) === true);
}

/** Throws DefinitionError for an expression that cannot be evaluated here. */
export function checkConstraints(element: ElementDefinition, scope: Scope): Check[] {
  const path = element.base?.path ?? element.path ?? '';
  return (element.constraint ?? []).flatMap((constraint): Check[] => {
    const { key = '', expression, human = '', severity } = constraint;
    // Without an expression it is for people to check.
    if (expression === undefined || isStandard(constraint, element)) return [];
    const test = typedTest(expression, path);
    if (test === undefined)
      throw new DefinitionError(
        `The expression of ${key} is no FHIRPath that can be evaluated here`,
        'StructureDefinition.snapshot.element',
      );
    const text = `${scope.label}: ${key}: ${human}`;
    return [
      ({ value, beside, type }, at, run) => {
        // What has only extensions is nothing that an expression could look into.
        if (value === undefined) return;
        let holds: boolean | undefined;
        try {
          const focus = beside === undefined ? value : new ExtendedPrimitive(value, beside);
          holds = test(type)(run.environment, focus, focus);
        } catch {
          run.report(
            'incomplete',
            `${scope.label}: ${key} could not be evaluated on this content`,
            at,
            'information',
          );
          return;
        }
        if (holds !== true) run.report('invariant', text, at, severity === 'warning' ? 'warning' : 'error');
      },
    ];
  });
}

/** Of a choice, the test depends on the type that is there. Undefined for what is no FHIRPath. */
function typedTest(expression: string, path: string): ((type: string | undefined) => Test) | undefined {
  const isChoice = path.endsWith('[x]');
  const usual = compileConstraint(expression, isChoice ? 'Element' : path)?.test;
  if (usual === undefined) return undefined;
  if (!isChoice) return () => usual;
  const byType = new Map<string, Test>();
  return (type) => {
    if (type === undefined) return usual;
    let test = byType.get(type);
    if (test === undefined) byType.set(type, (test = compileConstraint(expression, type)?.test ?? usual));
    return test;
  };
}
