/** The primitive types of FHIR as scalars of GraphQL. https://hl7.org/fhir/R4/graphql.html#fields */
import {
  type ConstValueNode,
  GraphQLBoolean,
  GraphQLError,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  GraphQLScalarType,
  GraphQLString,
} from 'graphql';

/** What GraphQL has itself. */
const BUILT_IN: Readonly<Record<string, GraphQLScalarType>> = {
  boolean: GraphQLBoolean,
  integer: GraphQLInt,
  string: GraphQLString,
};

/** Written in JSON as text or number; given as an argument they are taken as text. */
const OWN = [
  ...['base64Binary', 'canonical', 'code', 'date', 'dateTime', 'decimal', 'id', 'instant', 'markdown', 'oid'],
  ...['positiveInt', 'time', 'unsignedInt', 'uri', 'url', 'uuid', 'xhtml'],
  // Types of search parameters.
  ...['composite', 'number', 'quantity', 'reference', 'special', 'token'],
];

const scalars = new Map<string, GraphQLScalarType>(Object.entries(BUILT_IN));
for (const name of OWN)
  scalars.set(
    name,
    new GraphQLScalarType<string, unknown>({
      name,
      coerceOutputValue: (value) => value,
      coerceInputValue: (value) => textOf(name, value),
      coerceInputLiteral: (node) => textOf(name, 'value' in node ? node.value : undefined, node),
    }),
  );

/** All, in whatever types a client declares its variables. */
export const SCALARS: readonly GraphQLScalarType[] = [...scalars.values(), GraphQLID, GraphQLFloat];

/** Of a primitive type of FHIR, or of a type of search parameter. */
export const scalar = (name: string): GraphQLScalarType => scalars.get(name) ?? GraphQLString;

function textOf(name: string, value: unknown, node?: ConstValueNode): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return String(value);
  throw new GraphQLError(`A ${name} is a text, a number or a truth value`, { nodes: node });
}
