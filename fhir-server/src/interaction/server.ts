/** What every interaction works with; put together once by the composition root. */
import type { Resource } from '@medplum/fhirtypes';
import type { Principal } from '../access/index.ts';
import type { Pool, PoolClient } from '../db/index.ts';
import type { Config } from '../platform/config.ts';
import type { SearchParameterRegistry } from '../search/index.ts';
import type { BinaryFolder, ResourceTables } from '../storage/index.ts';

/** What a type demands of its writes beyond structure; `subscription` has one. */
export interface WriteRule {
  /** Refuses (FhirError) or completes a resource before it is stored. */
  check?(resource: Resource): Resource;
  /** Runs in the transaction of the write. */
  record?(client: PoolClient, id: string, principal: Principal): Promise<void>;
}

export interface Server {
  readonly config: Config;
  readonly pool: Pool;
  readonly registry: SearchParameterRegistry;
  readonly tables: ResourceTables;
  readonly binaries: BinaryFolder;
  /** Wakes the workers after a commit. */
  readonly signalEvents: () => void;
  readonly writeRules: Readonly<Partial<Record<string, WriteRule>>>;
}

/** One request: the server, who asks, and on which connection (a transaction's, or any of the pool). */
export interface Request {
  readonly server: Server;
  readonly principal: Principal;
  readonly db: Pool | PoolClient;
}
