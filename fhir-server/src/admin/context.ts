/** What the parts of administration work with. */
import type { CriteriaContext } from '../access/index.ts';
import type { Pool } from '../db/index.ts';
import type { Egress } from '../egress/index.ts';

export interface AdminContext {
  readonly pool: Pool;
  readonly criteria: CriteriaContext;
  /** Whether the URL of a client's keys is one to call. */
  readonly egress: Pick<Egress, 'check'>;
}
