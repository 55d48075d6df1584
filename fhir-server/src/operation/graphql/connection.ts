/** A page of a search as a connection. https://hl7.org/fhir/R4/graphql.html#searching */
import { GraphQLFloat, type GraphQLFieldConfig, GraphQLID, GraphQLInt, GraphQLString } from 'graphql';
import type { Resource } from '@medplum/fhirtypes';
import type { GraphqlContext } from './context.ts';

export interface Connection {
  /** Of all matches; only where it was asked for. */
  readonly count: number | undefined;
  readonly pagesize: number;
  readonly first: string | undefined;
  readonly previous: string | undefined;
  readonly next: string | undefined;
  readonly edges: readonly Edge[];
}

export interface Edge {
  readonly mode: 'match';
  readonly score: number | undefined;
  readonly resource: Resource;
}

type Fields = Readonly<Record<string, GraphQLFieldConfig<unknown, GraphqlContext>>>;

/** Pages follow each other by position, so that the last one has no address and only the first has an offset. */
export const CONNECTION_FIELDS: Fields = {
  count: { type: GraphQLInt },
  offset: {
    type: GraphQLInt,
    resolve: (source) => ((source as Connection).previous === undefined ? 0 : null),
  },
  pagesize: { type: GraphQLInt },
  pageSize: { type: GraphQLInt, resolve: (source) => (source as Connection).pagesize },
  first: { type: GraphQLID },
  previous: { type: GraphQLID },
  next: { type: GraphQLID },
  last: { type: GraphQLID },
};

export const EDGE_FIELDS: Fields = {
  mode: { type: GraphQLString },
  score: { type: GraphQLFloat },
};
