/** What every interaction works with; put together once by the composition root. */
import type { Resource } from '@medplum/fhirtypes';
import type { Principal } from '../access/index.ts';
import type { AuditLog, Trail } from '../audit/index.ts';
import type { Pool, PoolClient, Queryable, Replica } from '../db/index.ts';
import type { Config } from '../platform/config.ts';
import type { SearchParameterRegistry } from '../search/index.ts';
import type { CompiledProfile, ExtensionLookup } from '../validate/index.ts';
import type { BinaryStore, Denials, ResourceTables } from '../storage/index.ts';
import type { Answer } from './answer.ts';
import type { PlannedWrite } from './plan-version.ts';

/** What a type demands of its writes beyond structure; `subscription` has one. */
export interface WriteRule {
  /** Refuses (FhirError) or completes a resource before it is stored. */
  check?(resource: Resource): Resource;
  /** As it is stored, where nobody shall read all of it back; `record` gets the whole. */
  conceal?(resource: Resource): Resource;
  /** Runs in the transaction of the writes, once for all of the type that are in it. */
  record?(
    client: PoolClient,
    ids: readonly string[],
    principal: Principal,
    /** By id, as they were sent, with the stored elements that are hidden from the writer; none of those that were deleted. */
    whole: ReadonlyMap<string, Resource>,
  ): Promise<void>;
  /**
   * Writes of other resources that follow from these: the server makes them in the same transaction, whoever asked. Throws
   * FhirError to refuse all.
   */
  follow?(client: PoolClient, written: readonly Written[]): Promise<readonly PlannedWrite[]>;
}

/** What was written of a resource; without content where it was deleted. */
export interface Written {
  readonly id: string;
  readonly resource?: Resource;
  /** Where the write stands, for outcomes. */
  readonly place?: string | undefined;
}

/** One `$operation`; `operation` has them. https://hl7.org/fhir/R4/operations.html */
export interface Operation {
  /** With the dollar sign. */
  readonly name: string;
  /** Where it can be called; `resourceType` is absent at the system level. */
  readonly at: readonly {
    readonly level: 'system' | 'type' | 'instance';
    readonly resourceType?: string;
    /** Where the standard has a definition of its own for the type. */
    readonly definition?: string;
  }[];
  /** Such are called by POST only. */
  readonly affectsState: boolean;
  /** Whether it tells nothing that a token would be needed for. */
  readonly isPublic?: boolean;
  /** Media type of a text that may be its whole body. */
  readonly textType?: string;
  /** Canonical of the OperationDefinition. */
  readonly definition: string;
  /** Canonical of the CapabilityStatement that demands it. */
  readonly instantiates?: string;
  run(request: Request, call: OperationCall): Promise<Answer>;
}

export interface OperationCall {
  readonly resourceType: string | undefined;
  readonly id: string | undefined;
  /** Of the query; a Parameters resource, if any, is the body. */
  readonly parameters: readonly (readonly [string, string])[];
  readonly body: unknown;
  readonly ifMatch?: string | undefined;
  readonly handling: 'strict' | 'lenient';
  /** What the header Prefer says, part by part: `respond-async`, `handling=lenient`. */
  readonly prefers: readonly string[];
}

/** Profiles and extensions that are stored here; `profile` has them. */
export interface ProfileLookup {
  /** By canonical; undefined when it is not known. Throws DefinitionError when it cannot be compiled. */
  find(canonical: string): Promise<CompiledProfile | undefined>;
  extension: ExtensionLookup;
  /** Canonicals of the profiles of each resource type; another map when they have changed. */
  readonly supported: ReadonlyMap<string, readonly string[]>;
}

/** For a process that has none: what it writes claims none. */
export const NO_PROFILES: ProfileLookup = {
  find: () => Promise.resolve(undefined),
  extension: () => undefined,
  supported: new Map(),
};

export interface Server {
  readonly config: Config;
  readonly pool: Pool;
  /** For reads outside of transactions. */
  readonly reader: Queryable;
  /** For those of them that may be a little old; stale-read.ts says which. */
  readonly replica?: Pick<Replica, 'read'> | undefined;
  readonly registry: SearchParameterRegistry;
  readonly tables: ResourceTables;
  readonly binaries: BinaryStore;
  /** Wakes the workers after a commit. */
  readonly signalEvents: () => void;
  /** By name. */
  readonly operations: ReadonlyMap<string, Operation>;
  readonly profiles: ProfileLookup;
  readonly writeRules: Readonly<Partial<Record<string, WriteRule>>>;
  readonly audit: Pick<AuditLog, 'note'>;
  /** A process without it asks about the Consents of each patient. */
  readonly denials?: Pick<Denials, 'patients'>;
}

/** One request: the server, who asks, and on which connection (a transaction's, or any). */
export interface Request {
  readonly server: Server;
  readonly principal: Principal;
  readonly db: Queryable;
  /** What the audit will know of a request from outside. */
  readonly trail?: Trail;
}
