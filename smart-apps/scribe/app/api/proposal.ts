/** What a draft proposes for the record, besides the note. */
import type { Condition, FamilyMemberHistory, MedicationStatement, Observation } from '@medplum/fhirtypes';

export type Proposal = Condition | MedicationStatement | FamilyMemberHistory | Observation;
