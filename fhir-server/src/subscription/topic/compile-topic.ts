/** A topic made ready: whether a change triggers it is decided in memory. https://hl7.org/fhir/R5/subscriptiontopic.html */
import type { OperationOutcomeIssue } from '@medplum/fhirtypes';
import { isResourceType } from '../../fhir/definitions/index.ts';
import { compileTransition, type Transition } from '../../fhir/fhirpath/index.ts';
import { FhirError, issue } from '../../fhir/outcome.ts';
import { type Candidate, type Expression, type Include, matches, parseSearch } from '../../search/index.ts';
import { parseCriteria, type CriteriaContext } from '../criteria.ts';
import type { FilterBy, Shape, Topic, Trigger } from './parse-topic.ts';

/** One side of a change: the resource, and what of it is indexed. */
export interface State {
  readonly resource: unknown;
  readonly candidate: Candidate;
}

export interface Change {
  readonly interaction: string;
  readonly previous: State | undefined;
  readonly current: State | undefined;
}

interface CompiledTrigger {
  readonly resourceType: string;
  /** Whether what was before has a say. */
  readonly asksPrevious: boolean;
  readonly isTriggered: (change: Change) => boolean;
}

export interface CompiledShape {
  readonly includes: readonly Include[];
  readonly revincludes: readonly Include[];
}

export interface CompiledTopic {
  readonly source: Topic;
  readonly url: string;
  readonly version: string | undefined;
  /** By type. */
  readonly triggers: ReadonlyMap<string, readonly CompiledTrigger[]>;
  readonly filters: readonly FilterBy[];
  /** By type. */
  readonly shapes: ReadonlyMap<string, CompiledShape>;
}

/** Throws FhirError 422 that names each faulty element. */
export function compileTopic(topic: Topic, context: CriteriaContext): CompiledTopic {
  const issues: OperationOutcomeIssue[] = [];
  const attempt = <T>(place: string, make: () => T): T[] => {
    try {
      return [make()];
    } catch (error) {
      if (!(error instanceof FhirError)) throw error;
      issues.push(issue('invalid', error.message, place));
      return [];
    }
  };
  if (!/^(?:https?:\/\/|urn:)\S+$/.test(topic.url))
    issues.push(issue('required', 'a topic needs a canonical url', 'Basic.extension'));
  if (topic.triggers.length === 0)
    issues.push(issue('required', 'a topic needs a resourceTrigger; others are not supported', 'Basic.extension')); // prettier-ignore
  const triggers = topic.triggers.flatMap((t) => attempt(t.place, () => compileTrigger(t, context)));
  const shapes = topic.shapes.flatMap((s) =>
    attempt(s.place, () => [s.resourceType, compileShape(s, context)] as const),
  );
  if (issues.length > 0) throw new FhirError(422, issues);
  return {
    source: topic,
    url: topic.url,
    version: topic.version,
    triggers: Map.groupBy(triggers, (t) => t.resourceType),
    filters: topic.filters,
    shapes: new Map(shapes),
  };
}

const refuse = (text: string): FhirError => new FhirError(422, [issue('invalid', text)]);

function compileTrigger(trigger: Trigger, context: CriteriaContext): CompiledTrigger {
  const { resourceType, interactions, fhirPath } = trigger;
  if (!isResourceType(resourceType)) throw refuse(`"${resourceType}" is not a resource type of R4`);
  const unknown = interactions.find((name) => !['create', 'update', 'delete'].includes(name));
  if (unknown !== undefined) throw refuse(`supportedInteraction is create, update or delete, not ${unknown}`);
  const query = (text: string | undefined): Expression | undefined =>
    text === undefined
      ? undefined
      : parseCriteria(text.startsWith(`${resourceType}?`) ? text : `${resourceType}?${text}`, context).filter;
  const [previous, current] = [query(trigger.previous), query(trigger.current)];
  const transition = fhirPath === undefined ? undefined : compileTransition(fhirPath);
  if (fhirPath !== undefined && transition === undefined)
    throw refuse('fhirPathCriteria is no FHIRPath that this server evaluates');
  // What an expression would tell of hidden elements cannot be seen from it.
  if (transition && context.isHidden?.(resourceType, 'words') === true)
    throw refuse('fhirPathCriteria could tell of elements that are hidden from you');
  return {
    resourceType,
    asksPrevious: previous !== undefined || transition !== undefined,
    isTriggered: (change) =>
      (interactions.length === 0 || interactions.includes(change.interaction)) &&
      byQuery(trigger, previous, current, change) &&
      byPath(transition, change),
  };
}

/** Where there is no state, as before a create, the topic says what the test comes to; if it says nothing, it fails. */
function byQuery(
  { requireBoth, resultForCreate, resultForDelete }: Trigger,
  previous: Expression | undefined,
  current: Expression | undefined,
  change: Change,
): boolean {
  const test = (of: Expression, state: State | undefined, otherwise: string | undefined): boolean =>
    state === undefined ? otherwise === 'test-passes' : matches(of, state.candidate);
  const results = [
    ...(previous === undefined ? [] : [test(previous, change.previous, resultForCreate)]),
    ...(current === undefined ? [] : [test(current, change.current, resultForDelete)]),
  ];
  if (results.length < 2) return results[0] ?? true;
  return requireBoth ? results.every(Boolean) : results.some(Boolean);
}

const byPath = (transition: Transition | undefined, { previous, current }: Change): boolean =>
  transition === undefined || transition(previous?.resource, current?.resource);

function compileShape(
  { resourceType, includes, revincludes }: Shape,
  context: CriteriaContext,
): CompiledShape {
  if (!isResourceType(resourceType)) throw refuse(`"${resourceType}" is not a resource type of R4`);
  const parameters = [
    ...includes.map((value) => ['_include', value] as const),
    ...revincludes.map((value) => ['_revinclude', value] as const),
  ];
  const options = { pageSize: 1, pageSizeMax: 1, handling: 'strict', now: new Date() } as const;
  const parsed = parseSearch(resourceType, parameters, { ...context, ...options });
  return { includes: parsed.includes, revincludes: parsed.revincludes };
}
