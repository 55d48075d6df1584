/** A query's text → its document and the schema that answers it, validated once and kept. */
import {
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  validate,
} from 'graphql';
import { badRequest } from '../../fhir/outcome.ts';
import type { SearchParameterRegistry } from '../../search/index.ts';
import type { GraphqlConfig } from '../../platform/graphql-config.ts';
import { checkLimits } from './check-limits.ts';
import type { GraphqlCall } from './graphql-call.ts';
import { prepareDocument, type PreparedDocument } from './prepare-document.ts';
import { refusal } from './refusal.ts';
import { buildSchema } from './schema.ts';
import { RULES } from './variable-rule.ts';
import { fragmentsOf } from './weights.ts';

export interface QueryPlan extends PreparedDocument {
  readonly schema: GraphQLSchema;
  /** Asks of the schema and of nothing else: the answer is the same for everybody. */
  readonly isIntrospection: boolean;
}

/** Some hundred kilobytes each at most. */
const PLANS_MAX = 30;
const ERRORS_MAX = 10;

interface Kept {
  readonly revision: number;
  readonly plans: Map<string, QueryPlan>;
  readonly whole: Map<string, GraphQLSchema>;
}

const kept = new WeakMap<SearchParameterRegistry, Kept>();

function keptFor(registry: SearchParameterRegistry): Kept {
  let own = kept.get(registry);
  if (own?.revision !== registry.revision)
    kept.set(registry, (own = { revision: registry.revision, plans: new Map(), whole: new Map() }));
  return own;
}

/** Throws 400 for what is malformed, asks for what is not there, or asks for too much. */
export function planQuery(
  registry: SearchParameterRegistry,
  root: string | undefined,
  { query, variables, operationName }: GraphqlCall,
  limits: GraphqlConfig,
): QueryPlan {
  const own = keptFor(registry);
  const key = `${root ?? ''}\n${query}`;
  const known = own.plans.get(key);
  const prepared = known ?? prepareDocument(query);
  // Before it is validated, which may take long of what is long; and each time, since variables differ.
  const { selectionSet } = operationOf(prepared.document, operationName);
  checkLimits({ selectionSet, fragments: fragmentsOf(prepared.document), variables }, limits);
  if (known) return known;
  const asks = ['__schema', '__type'].some((name) => prepared.names.has(name));
  const schema = asks ? wholeSchema(own, registry, root) : buildSchema(registry, root, prepared.names);
  const errors = validate(schema, prepared.document, RULES, { maxErrors: ERRORS_MAX, hideSuggestions: true });
  if (errors.length > 0) throw refusal(errors);
  const plan = { ...prepared, schema, isIntrospection: asks && isOnlyIntrospection(prepared) };
  if (own.plans.size >= PLANS_MAX) own.plans.delete(own.plans.keys().next().value ?? '');
  own.plans.set(key, plan);
  return plan;
}

/** That of the system is kept, since it is the one that tools ask for. */
function wholeSchema(own: Kept, registry: SearchParameterRegistry, root: string | undefined): GraphQLSchema {
  const known = own.whole.get(root ?? '');
  if (known) return known;
  const schema = buildSchema(registry, root);
  own.whole.clear();
  own.whole.set(root ?? '', schema);
  return schema;
}

const isOnlyIntrospection = ({ document }: PreparedDocument): boolean =>
  document.definitions.every(
    (definition) =>
      definition.kind !== Kind.OPERATION_DEFINITION ||
      definition.selectionSet.selections.every(
        (node) => node.kind === Kind.FIELD && node.name.value.startsWith('__'),
      ),
  );

/** Throws 400 unless one operation is meant, and is a query. */
export function operationOf(
  { definitions }: DocumentNode,
  operationName: string | undefined,
): OperationDefinitionNode {
  const [operation, ...others] = definitions
    .filter((d) => d.kind === Kind.OPERATION_DEFINITION)
    .filter(({ name }) => operationName === undefined || name?.value === operationName);
  if (operation === undefined || others.length > 0)
    throw badRequest('The request does not name one of its operations', 'operationName');
  if (operation.operation !== OperationTypeNode.QUERY)
    throw badRequest('Of GraphQL only queries are supported; writes go over REST', 'query');
  return operation;
}
