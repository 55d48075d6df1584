/** FHIRPath over a resource before and after a change: `%previous` and `%current`. https://hl7.org/fhir/R5/subscriptiontopic-definitions.html#SubscriptionTopic.resourceTrigger.fhirPathCriteria */
import { hasSafePatterns, loadLibrary } from './library.ts';
import { type Node, parseFhirPath } from './parse.ts';

/** Whether the expression is true of the change. Undefined is what was not, or is no more. */
export type Transition = (previous: unknown, current: unknown) => boolean;

const LENGTH_MAX = 4_000;

/** Undefined for what is no FHIRPath, and for patterns whose work has no bound. An expression that fails on a content is not true of it. */
export function compileTransition(expression: string): Transition | undefined {
  if (expression.length > LENGTH_MAX) return undefined;
  let tree: Node | undefined;
  try {
    tree = parseFhirPath(expression);
  } catch {
    tree = undefined;
  }
  if (tree ? !hasSafePatterns(tree) : /matches/i.test(expression)) return undefined;
  try {
    const evaluate = loadLibrary(expression);
    return (previous, current) => {
      try {
        const found = evaluate(current ?? previous, { previous: previous ?? [], current: current ?? [] });
        return found.length === 1 && found[0] === true;
      } catch {
        return false;
      }
    };
  } catch {
    return undefined;
  }
}
