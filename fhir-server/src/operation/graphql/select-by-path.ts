/** The argument `fhirpath`: whether an expression is true of an element or resource. https://hl7.org/fhir/R4/graphql.html#list */
import { compileConstraint } from '../../fhir/fhirpath/index.ts';
import { badRequest, FhirError } from '../../fhir/outcome.ts';

const LENGTH_MAX = 1_000;

/** Throws 400 for what is no FHIRPath, at once or when it meets content that it cannot be asked of. */
export function selectorOf(expression: string, type: string): (element: unknown) => boolean {
  const constraint = expression.length > LENGTH_MAX ? undefined : compileConstraint(expression, type);
  if (constraint === undefined) throw malformed();
  return (element) => {
    try {
      return constraint.test({ resource: element, rootResource: element }, element, element) === true;
    } catch (error) {
      throw error instanceof FhirError ? error : malformed();
    }
  };
}

const malformed = (): FhirError =>
  badRequest('The argument fhirpath is no FHIRPath that can be used here', 'fhirpath');
