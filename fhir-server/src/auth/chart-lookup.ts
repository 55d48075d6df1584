/** What the authorization server asks of the records, with the rights of the user at hand. */
import type { Principal } from '../access/index.ts';
import type { OfferedPatient } from './consent-pages.ts';

export interface ChartLookup {
  readonly findPatients: (principal: Principal, text: string) => Promise<readonly OfferedPatient[]>;
  /** Whether he may read `Type/id`. */
  readonly mayRead: (principal: Principal, reference: string) => Promise<boolean>;
  /** Id of the Encounter of this Patient that goes on at present and that he may find. */
  readonly currentEncounter: (principal: Principal, patient: string) => Promise<string | undefined>;
  /** `Patient/1` of an Encounter that he may read. */
  readonly encounterPatient: (principal: Principal, id: string) => Promise<string | undefined>;
}
