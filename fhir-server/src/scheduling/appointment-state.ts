/** What an Appointment means for its Slots. https://hl7.org/fhir/R4/appointment.html#statuses */
import type { Appointment, Slot } from '@medplum/fhirtypes';
import { localReference } from '../search/index.ts';

/** Such an Appointment has its Slots; any other leaves them to others. */
const OCCUPYING: ReadonlySet<Appointment['status']> = new Set([
  'pending',
  'booked',
  'arrived',
  'fulfilled',
  'checked-in',
  'noshow',
]);

export const occupies = ({ status }: Pick<Appointment, 'status'>): boolean => OCCUPYING.has(status);

/** A Slot of an Appointment that waits for its confirmation is only spoken for. */
export const slotStatusFor = ({ status }: Pick<Appointment, 'status'>): Slot['status'] =>
  status === 'pending' ? 'busy-tentative' : 'busy';

/** Until when a pending Appointment has its Slots. */
export const HELD_UNTIL = 'https://dr-assistant.example/fhir/StructureDefinition/appointment-held-until';

/** Undefined for one that is not pending, and for one that waits for as long as it takes. */
export function heldUntil({
  status,
  extension,
}: Pick<Appointment, 'status' | 'extension'>): Date | undefined {
  const instant = extension?.find(({ url }) => url === HELD_UNTIL)?.valueInstant;
  return status !== 'pending' || instant === undefined ? undefined : new Date(instant);
}

/** Ids of its Slots on this server, each once. */
export const slotIds = ({ slot = [] }: Pick<Appointment, 'slot'>, baseUrl: string): string[] => [
  ...new Set(
    slot.flatMap(({ reference = '' }) => {
      const local = localReference(reference, baseUrl);
      return local?.type === 'Slot' ? [local.id] : [];
    }),
  ),
];
