/** Whose Consents deny something, as a process keeps it: most patients have none, and their resources need not be asked about. */
import { hearChanges, type Pool } from '../db/index.ts';

/** With more, it is asked for each resource. */
const PATIENTS_MAX = 10_000;
/** A connection can be dead for some time before anybody notices. */
const REFRESH_MS = 10_000;

export interface Denials {
  /** Ids of Patients; undefined while they are not known for certain, or are too many. */
  readonly patients: ReadonlySet<string> | undefined;
  /** To be called when a Consent of this process has been committed. */
  forget(): void;
  close(): void;
}

/** What other processes commit is known here as soon as PostgreSQL has told of it. */
export async function followDenials(pool: Pool): Promise<Denials> {
  let patients: ReadonlySet<string> | undefined;
  let generation = 0;
  let isHearing = (): boolean => false;
  const load = async (): Promise<void> => {
    const before = generation;
    const found = await loadPatients(pool).catch(() => undefined);
    // What was read before a change must not stand for what is after it.
    if (before === generation) patients = isHearing() ? found : undefined;
  };
  const forget = (): void => {
    patients = undefined;
    generation += 1;
    void load();
  };
  const hearing = await hearChanges(pool, 'consents_changed', forget);
  isHearing = () => hearing.isHearing();
  await load();
  const timer = setInterval(() => void load(), REFRESH_MS).unref();
  return {
    get patients() {
      return patients;
    },
    forget,
    close() {
      clearInterval(timer);
      isHearing = () => false;
      patients = undefined;
      hearing.close();
    },
  };
}

async function loadPatients(pool: Pool): Promise<ReadonlySet<string> | undefined> {
  const { rows } = await pool.query<{ patient: string }>({
    name: 'denials_load',
    text: 'select distinct patient from (select patient from access.consent_rule where not is_permit limit $1) r',
    values: [PATIENTS_MAX + 1],
  });
  return rows.length > PATIENTS_MAX ? undefined : new Set(rows.map(({ patient }) => patient));
}
