/** Directives that reshape the answer. https://hl7.org/fhir/R4/graphql.html#flattening */
import {
  DirectiveLocation,
  type GraphQLArgumentConfig,
  GraphQLDirective,
  GraphQLNonNull,
  GraphQLString,
} from 'graphql';

type Arguments = Readonly<Record<string, GraphQLArgumentConfig>>;

const onField = (name: string, description: string, args: Arguments = {}) =>
  new GraphQLDirective({ name, description, locations: [DirectiveLocation.FIELD], args });

export const SLICE = onField(
  'slice',
  'Adds a dot and what is at the path of each element to the names of the answer',
  {
    path: { type: new GraphQLNonNull(GraphQLString) },
  },
);

export const DIRECTIVES: readonly GraphQLDirective[] = [
  onField('flatten', 'Puts what is in the field in its place'),
  onField('first', 'Takes the first of the elements'),
  onField('singleton', 'Of what was flattened: one value, not a list'),
  SLICE,
];
