/** The text of a query as FHIR writes it → a document as GraphQL has it. https://hl7.org/fhir/R4/graphql.html */
import {
  type ArgumentNode,
  type DocumentNode,
  type FieldNode,
  GraphQLError,
  Kind,
  type NameNode,
  parse,
  visit,
} from 'graphql';
import { tooMuch } from './budget.ts';

const TOKENS_MAX = 5_000;
const LENGTH_MAX = 100_000;

/** The types to which `resource(type: …)` limits a field. */
export class Restrictions {
  readonly #types = new WeakMap<FieldNode, string>();

  add(node: FieldNode, type: string): void {
    this.#types.set(node, type);
  }

  /** Undefined where one of the nodes wants any type. */
  of(nodes: readonly FieldNode[]): string[] | undefined {
    const types = nodes.map((node) => this.#types.get(node));
    return types.every((type) => type !== undefined) ? types : undefined;
  }
}

export interface PreparedDocument {
  readonly document: DocumentNode;
  /** All that occur in it. */
  readonly names: ReadonlySet<string>;
  readonly restrictions: Restrictions;
}

/** Throws GraphQLError for what is no GraphQL, FhirError 400 for what is too long. */
export function prepareDocument(text: string): PreparedDocument {
  if (text.length > LENGTH_MAX) throw tooMuch(`A query has at most ${LENGTH_MAX} characters`);
  const names = new Set<string>();
  const restrictions = new Restrictions();
  const document: DocumentNode = visit(parseText(text), {
    Name: ({ value }: NameNode) => void names.add(value),
    // FHIR writes codes and ids without quotation marks.
    EnumValue: ({ value }) => ({ kind: Kind.STRING, value }),
    Field: { leave: (node) => restricted(node, restrictions) },
  });
  return { document, names, restrictions };
}

/** Which of several tokens was one too many is told by its text alone. */
function parseText(text: string): DocumentNode {
  try {
    return parse(text, { maxTokens: TOKENS_MAX });
  } catch (error) {
    if (error instanceof GraphQLError && /more tha[nt] \d+ tokens/.test(error.message))
      throw tooMuch(`A query has at most ${TOKENS_MAX} tokens`);
    throw error;
  }
}

/** `resource(type: Patient) { birthDate }` is `resource { ... on Patient { birthDate } }`. */
function restricted(node: FieldNode, restrictions: Restrictions): FieldNode | undefined {
  const isType = ({ name, value }: ArgumentNode): boolean =>
    name.value === 'type' && value.kind === Kind.STRING;
  const { value } = node.arguments?.find(isType) ?? {};
  if (node.name.value !== 'resource' || value?.kind !== Kind.STRING || !node.selectionSet) return undefined;
  const fragment = {
    kind: Kind.INLINE_FRAGMENT,
    typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: value.value } },
    selectionSet: node.selectionSet,
  } as const;
  const rewritten: FieldNode = {
    ...node,
    arguments: (node.arguments ?? []).filter((argument) => !isType(argument)),
    selectionSet: { kind: Kind.SELECTION_SET, selections: [fragment] },
  };
  restrictions.add(rewritten, value.value);
  return rewritten;
}
