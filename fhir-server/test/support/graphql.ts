/** Asks by $graphql as a client does. */
import { expect } from '@jest/globals';
import type { OperationOutcome } from '@medplum/fhirtypes';
import type { TestServer } from './server.ts';

export interface GraphqlAnswer {
  readonly status: number;
  readonly data: Record<string, unknown> | null | undefined;
  readonly errors: readonly {
    readonly message: string;
    readonly extensions: { readonly resource: OperationOutcome };
  }[];
}

export interface GraphqlOptions {
  readonly token?: string;
  readonly variables?: object;
  /** `Patient/1`: the resource that the query is about. */
  readonly at?: string;
}

export interface GraphqlClient {
  readonly ask: (query: string, options?: GraphqlOptions) => Promise<GraphqlAnswer>;
  /** The data of an answer that has no errors. */
  readonly data: (query: string, options?: GraphqlOptions) => Promise<unknown>;
  /** Status and first issue of a refusal. */
  readonly refused: (
    query: string,
    options?: GraphqlOptions,
  ) => Promise<readonly [number, string | undefined]>;
}

export function graphqlClient(server: TestServer): GraphqlClient {
  const ask: GraphqlClient['ask'] = async (query, { token, variables, at } = {}) => {
    const response = await server.fhir('POST', at === undefined ? '$graphql' : `${at}/$graphql`, {
      body: { query, ...(variables && { variables }) },
      headers: { 'Content-Type': 'application/json' },
      ...(token !== undefined && { token }),
    });
    const { data, errors = [] } = (await response.json()) as Partial<GraphqlAnswer>;
    return { status: response.status, data, errors };
  };
  return {
    ask,
    async data(query, options) {
      const { status, data, errors } = await ask(query, options);
      expect([query, status, errors]).toEqual([query, 200, []]);
      return data;
    },
    async refused(query, options) {
      const { status, data, errors } = await ask(query, options);
      expect([query, data]).toEqual([query, null]);
      expect(errors[0]?.message).toBe(errors[0]?.extensions.resource.issue[0]?.diagnostics);
      return [status, errors[0]?.extensions.resource.issue[0]?.code];
    },
  };
}
