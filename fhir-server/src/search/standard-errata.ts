/** Errors of R4's own SearchParameters that later versions have put right. https://hl7.org/fhir/R5/searchparameter-registry.html */
import type { SearchParameterSource } from './search-parameter-registry.ts';

/** By url: what the components of a composite select. */
const COMPONENTS: Readonly<Record<string, readonly string[]>> = {
  // R4 has `code` for the reference and `target` for the token, so that nothing would ever be found.
  'http://hl7.org/fhir/SearchParameter/DocumentReference-relationship': ['target', 'code'],
};

export function corrected<T extends SearchParameterSource>(parameter: T): T {
  const expressions = COMPONENTS[parameter.url];
  if (expressions === undefined || parameter.component === undefined) return parameter;
  const component = parameter.component.map((c, i) => ({ ...c, expression: expressions[i] ?? c.expression }));
  return { ...parameter, component };
}
