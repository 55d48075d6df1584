/** Accounts of persons: who they are in FHIR, and what they may do. */
import type { Clearance } from '../access/index.ts';
import type { Queryable } from '../db/index.ts';

export interface UserAccount {
  readonly id: string;
  readonly username: string;
  /** `Practitioner/123`; none until an admin says who it is. */
  readonly fhirUser?: string;
  /** Name of the access policy; without one he may log in, and no token is issued. */
  readonly role?: string;
  /** `Organization/1`, for which he acts. */
  readonly organization?: string;
  /** What he may see beyond his role. */
  readonly clearance: readonly Clearance[];
  readonly mustChangePassword: boolean;
  /** Whether he can log in without an identity provider. */
  readonly hasPassword: boolean;
}

type AccountRow = {
  readonly [K in keyof UserAccount]-?: Exclude<UserAccount[K], undefined> | null;
};

const COLUMNS = `id, username, fhir_user as "fhirUser", role, organization, clearance,
  must_change_password as "mustChangePassword", password_hash is not null as "hasPassword"`;

/** Undefined for unknown and disabled accounts. */
export async function loadUser(db: Queryable, id: string): Promise<UserAccount | undefined> {
  if (!/^[0-9a-f-]{36}$/.test(id)) return undefined;
  const { rows } = await db.query<AccountRow>(
    `select ${COLUMNS} from auth.users where id = $1 and not disabled`,
    [id],
  );
  const row = rows[0];
  // What is null in the database is absent here.
  return (
    row && (Object.fromEntries(Object.entries(row).filter(([, v]) => v !== null)) as unknown as UserAccount)
  );
}
