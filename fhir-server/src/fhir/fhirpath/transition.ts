/** FHIRPath over a resource before and after a change: `%previous` and `%current`. https://hl7.org/fhir/R5/subscriptiontopic-definitions.html#SubscriptionTopic.resourceTrigger.fhirPathCriteria */
import { hasSafePatterns, isCalling, loadLibrary } from './library.ts';
import { type Node, parseFhirPath } from './parse.ts';

/** Whether the expression is true of the change. Undefined is what was not, or is no more. */
export type Transition = (previous: unknown, current: unknown) => boolean;

const LENGTH_MAX = 4_000;
/** They go through all of a resource, and within each other as often as it has elements. */
const UNBOUNDED = /^(?:descendants|repeat|children)$/;
/** The same, and patterns, in a text that only the library can read; it takes names in backquotes for functions, too. */
const UNBOUNDED_TEXT = /matches|`|\b(?:descendants|repeat|children)\b(?=\s*[(/])/i;

/** Undefined for what is no FHIRPath, and for functions and patterns whose work has no bound. An expression that fails on a content is not true of it. */
export function compileTransition(expression: string): Transition | undefined {
  if (expression.length > LENGTH_MAX) return undefined;
  let tree: Node | undefined;
  try {
    tree = parseFhirPath(expression);
  } catch {
    tree = undefined;
  }
  const isBounded = tree
    ? hasSafePatterns(tree) && !isCalling(tree, UNBOUNDED)
    : !UNBOUNDED_TEXT.test(expression);
  if (!isBounded) return undefined;
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
