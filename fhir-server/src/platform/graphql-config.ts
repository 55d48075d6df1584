/** Limits of one GraphQL query. */
import type { SettingReader } from './account-config.ts';

export interface GraphqlConfig {
  /** Levels of fields within fields. */
  readonly depthMax: number;
  /** Fields in the query, those of its fragments included wherever they are used. */
  readonly fieldsMax: number;
  /** Lists, connections and reads in the query. */
  readonly searchesMax: number;
  /** Values in the answer, estimated before and counted while it is made. */
  readonly costMax: number;
  /** Resources that are read. */
  readonly resourcesMax: number;
  /** Resources in one list. */
  readonly listMax: number;
  readonly timeoutMs: number;
}

export const loadGraphqlConfig = ({ whole }: Pick<SettingReader, 'whole'>): GraphqlConfig => ({
  depthMax: whole('GRAPHQL_DEPTH_MAX', 20, 1, 100),
  fieldsMax: whole('GRAPHQL_FIELDS_MAX', 500, 1, 100_000),
  searchesMax: whole('GRAPHQL_SEARCHES_MAX', 50, 1, 1_000),
  costMax: whole('GRAPHQL_COST_MAX', 100_000, 1, 10_000_000),
  resourcesMax: whole('GRAPHQL_RESOURCES_MAX', 5_000, 1, 1_000_000),
  listMax: whole('GRAPHQL_LIST_MAX', 1_000, 1, 100_000),
  timeoutMs: whole('GRAPHQL_TIMEOUT_MS', 10_000, 10, 600_000),
});
