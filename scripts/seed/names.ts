/** The name that goes with a patient's id. */
import { memberId } from './history/member.ts';
import { members } from './history/members.ts';
import { people } from './people.ts';

const names = new Map<string, string>([
  ...people.map(({ id, given, family }) => [id, `${given} ${family}`] as const),
  ...members.map(([given, family]) => [memberId(family), `${given} ${family}`] as const),
]);

/** Throws for a patient who is not in the demo data. */
export function patientName(id: string): string {
  const name = names.get(id);
  if (name === undefined) throw new Error(`The demo data have no patient ${id}.`);
  return name;
}
