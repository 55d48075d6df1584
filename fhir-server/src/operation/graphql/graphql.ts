/** $graphql: a query over the system or over one resource. https://hl7.org/fhir/R4/graphql.html */
import { execute } from 'graphql';
import type { Resource } from '@medplum/fhirtypes';
import { databaseFault } from '../../db/index.ts';
import { resourceTypes } from '../../fhir/definitions/index.ts';
import { markedToJson } from '../../fhir/json/index.ts';
import { FhirError } from '../../fhir/outcome.ts';
import {
  type Answer,
  loadCurrent,
  type Operation,
  type OperationCall,
  readStale,
  type Request,
} from '../../interaction/index.ts';
import { Budget, tooMuch } from './budget.ts';
import type { GraphqlContext } from './context.ts';
import { Disclosure } from './disclose.ts';
import { Shape } from './flatten.ts';
import { type GraphqlCall, parseGraphqlCall } from './graphql-call.ts';
import { ListLoader } from './list-loader.ts';
import { operationOf, planQuery, type QueryPlan } from './plan-query.ts';
import { ReferenceLoader } from './reference-loader.ts';
import { CONTENT_TYPE, refusal } from './refusal.ts';
import { Slices } from './slices.ts';
import { fragmentsOf, Weights } from './weights.ts';

export const graphql: Operation = {
  name: '$graphql',
  at: [
    { level: 'system' },
    ...resourceTypes().map((resourceType) => ({ level: 'instance', resourceType }) as const),
  ],
  affectsState: false,
  textType: 'application/graphql',
  definition: 'http://hl7.org/fhir/OperationDefinition/Resource-graphql',
  run,
};

async function run(request: Request, call: OperationCall): Promise<Answer> {
  const { server } = request;
  try {
    const asked = parseGraphqlCall(call);
    const plan = notTooDeep(() =>
      planQuery(server.registry, call.resourceType, asked, server.config.graphql),
    );
    const body = plan.isIntrospection
      ? await introspection(plan, asked)
      : await answer(request, call, plan, asked);
    return { status: 200, headers: {}, contentType: CONTENT_TYPE, body };
  } catch (error) {
    throw error instanceof FhirError ? asGraphql(error) : refusal([error]);
  }
}

/** Parser and validation follow the text as deep as it goes. */
function notTooDeep<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof RangeError ? tooMuch('The query is nested too deeply') : error;
  }
}

const asGraphql = (error: FhirError): FhirError => (error.formed === undefined ? refusal([error]) : error);

/** All of one moment. A transaction of its own sees one state anyway. */
async function answer(
  request: Request,
  call: OperationCall,
  plan: QueryPlan,
  asked: GraphqlCall,
): Promise<string> {
  const limit = `set local statement_timeout = ${request.server.config.graphql.timeoutMs}`;
  return readStale(request, { isOfOneMoment: true }, (inner) => {
    // A statement that goes on would keep the connection, and the refusal with it.
    if (inner.db !== request.db) inner.db.query(limit).catch(() => undefined);
    return executed(inner, call, plan, asked);
  });
}

async function executed(
  request: Request,
  { resourceType, id }: OperationCall,
  plan: QueryPlan,
  { variables, operationName }: GraphqlCall,
): Promise<string> {
  const { graphql: limits, pageBytesMax } = request.server.config;
  const fragments = fragmentsOf(plan.document);
  const budget = new Budget(limits, pageBytesMax, new Weights(fragments));
  const disclosure = new Disclosure(request, budget);
  const references = new ReferenceLoader(request, disclosure);
  const lists = new ListLoader(request, budget);
  const contextValue: GraphqlContext = { request, budget, disclosure, references, lists, slices: new Slices(), restrictions: plan.restrictions }; // prettier-ignore
  const abortSignal = AbortSignal.timeout(limits.timeoutMs);
  const rootValue: Resource | undefined =
    resourceType === undefined
      ? undefined
      : disclosure.show(resourceType, await loadCurrent(request, resourceType, id ?? ''));
  const { schema, document } = plan;
  const operation = operationOf(document, operationName);
  try {
    const { data, errors } = await execute({ schema, document, rootValue, contextValue, variableValues: variables, operationName: operationName ?? null, abortSignal, hideSuggestions: true }); // prettier-ignore
    if (errors && errors.length > 0) throw refusal(errors);
    const isReshaped = ['flatten', 'slice'].some((name) => plan.names.has(name));
    const shape = (): unknown => new Shape(fragments, contextValue.slices).of(data, [operation]);
    return markedToJson({ data: isReshaped ? shape() : data });
  } catch (error) {
    if (!abortSignal.aborted && databaseFault(error) !== 'timeout') throw error;
    throw tooMuch(`The query takes longer than ${limits.timeoutMs} ms; ask for less`);
  }
}

/** The answer that was given last: megabytes, which tools ask for again and again. */
let lastIntrospection: { readonly plan: QueryPlan; readonly key: string; readonly body: string } | undefined;

async function introspection(plan: QueryPlan, { variables, operationName }: GraphqlCall): Promise<string> {
  const key = JSON.stringify([operationName, variables]);
  if (lastIntrospection?.plan === plan && lastIntrospection.key === key) return lastIntrospection.body;
  const { schema, document } = plan;
  const { data, errors } = await execute({ schema, document, variableValues: variables, operationName: operationName ?? null }); // prettier-ignore
  if (errors && errors.length > 0) throw refusal(errors);
  const body = JSON.stringify({ data });
  lastIntrospection = { plan, key, body };
  return body;
}
