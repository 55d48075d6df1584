/** What the parts of administration work with. */
import type { AccessAnswer, AccessQuestion, CriteriaContext, Principal } from '../access/index.ts';
import type { ExportFolder } from '../bulk/index.ts';
import type { Pool, PoolClient } from '../db/index.ts';
import type { Egress } from '../egress/index.ts';
import type { FhirPackage, InstallReport, PackageLimits } from '../package/index.ts';

/** What `interaction` and `subscription` do for administration over HTTP. */
export interface AdminServices extends AdminContext {
  readonly checkAccess: (principal: Principal, question: AccessQuestion) => Promise<AccessAnswer>;
  readonly deliveries: Deliveries;
  /** Where the files of exports are. */
  readonly exports: Pick<ExportFolder, 'remove'>;
  readonly packages: Packages;
  /** How the process that answers does. */
  readonly figures: () => Promise<object>;
}

export interface Deliveries {
  /** Of each Subscription with notifications that are not done. */
  readonly figures: () => Promise<readonly DeliveryFigures[]>;
  /** `record` runs in its transaction. Answers how many are sent again. Throws FhirError 404 and 410. */
  readonly replay: (
    id: string,
    since: Date | undefined,
    record: (db: PoolClient) => Promise<void>,
  ) => Promise<number>;
}

export interface Packages {
  /** Of a package that is sent. */
  readonly limits: PackageLimits & { readonly packedBytesMax: number };
  /** With what it depends on. Throws PackageError. */
  readonly install: (found: FhirPackage) => Promise<InstallReport>;
}

export interface DeliveryFigures {
  readonly subscriptionId: string;
  readonly pending: number;
  readonly failed: number;
  readonly lagMs: number;
  readonly lastError: string | undefined;
}

export interface AdminContext {
  readonly pool: Pool;
  readonly criteria: CriteriaContext;
  /** Whether the URL of a client's keys is one to call. */
  readonly egress: Pick<Egress, 'check'>;
}
