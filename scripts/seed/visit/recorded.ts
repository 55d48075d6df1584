/** Three visits of this morning that were recorded: one to be reviewed, one signed, one whose recording says nothing. */
import type { Appointment, Encounter, Media, Reference, Slot } from '@medplum/fhirtypes';
import { doctorReference, physicianReference } from '../clinic.ts';
import { appointmentOf, encounterOf, slotOf, type Expected } from '../day-list.ts';
import { instantOn, minutesAfter } from '../day.ts';
import { silence } from './silence.ts';
import { toVtt, type Line } from './transcript.ts';

const finished = { appointment: 'fulfilled', encounter: 'finished' } as const;

export const recorded = {
  review: {
    ...finished,
    patient: 'demo-patient-hughes',
    reason: 'Back pain again',
    time: '09:20',
    actor: doctorReference,
  },
  signed: {
    ...finished,
    patient: 'demo-patient-sullivan',
    reason: 'Follow-up of thyroid',
    time: '10:00',
    actor: doctorReference,
  },
  hold: {
    ...finished,
    patient: 'demo-patient-baker',
    reason: 'Cough again',
    time: '10:00',
    actor: physicianReference,
  },
} as const satisfies Record<string, Expected>;

export type RecordedName = keyof typeof recorded;

const reviewLines: readonly Line[] = [
  ['Doctor', 'Good morning, what brings you in today?'],
  ['Patient', 'My lower back hurts again. It started four days ago after I carried a washing machine.'],
  ['Doctor', 'Does the pain go down into the leg?'],
  ['Patient', 'No, it stays in the back. It gets worse when I bend forward.'],
  ['Doctor', 'Any numbness, weakness, or trouble with your bladder?'],
  ['Patient', 'No, nothing like that.'],
  ['Doctor', 'What do you take for it?'],
  ['Patient', 'I take ibuprofen 400 mg twice a day. It helps a bit.'],
  ['Doctor', 'Your blood pressure is 142 over 88 today, and your pulse is 76.'],
  ['Patient', 'My father had high blood pressure.'],
  [
    'Doctor',
    'The muscles beside the spine are tender. Straight leg raise is negative, and your reflexes are equal.',
  ],
  ['Doctor', 'This is low back pain without any sign of a pinched nerve.'],
  ['Doctor', 'Stay active, and I will refer you to physical therapy. Measure your blood pressure at home.'],
  ['Doctor', 'Come back in two weeks, or at once if you feel numbness or weakness.'],
  ['Patient', 'All right, thank you.'],
];

export const signedLines: readonly Line[] = [
  ['Doctor', 'Hello, how have you been since the summer?'],
  ['Patient', 'Much better. I have energy again, and my weight has been stable.'],
  ['Doctor', 'Do you take the levothyroxine every morning?'],
  ['Patient', 'Yes, 75 micrograms, half an hour before breakfast.'],
  ['Doctor', 'Any palpitations, or trouble sleeping?'],
  ['Patient', 'No, none.'],
  ['Doctor', 'Your blood pressure is 118 over 74. The thyroid is not enlarged.'],
  [
    'Doctor',
    'Your hypothyroidism is well controlled. We keep the dose of levothyroxine and check the TSH in six months.',
  ],
];

const encounterOn = (name: RecordedName, day: string): Reference<Encounter> => ({
  reference: `Encounter/${recorded[name].patient}-${day}`,
});

const all = Object.values(recorded);

/** The Slots of the three visits, their Appointments, and their Encounters. */
export const recordedSlots = (day: string): Slot[] => all.map((one) => slotOf(one, day));
export const recordedAppointments = (day: string): Appointment[] => all.map((one) => appointmentOf(one, day));
export const recordedEncounters = (day: string): Encounter[] => all.flatMap((one) => encounterOf(one, day));

/** The recording of a visit: a transcript as it came from elsewhere, or sound without a word. */
export function recordingOf(name: RecordedName, day: string): Media {
  const { patient, actor, time } = recorded[name];
  const start = instantOn(day, time);
  const lines = name === 'review' ? reviewLines : signedLines;
  const [contentType, data] =
    name === 'hold' ? ['audio/wav', silence()] : ['text/vtt', Buffer.from(toVtt(lines), 'utf8')];
  return {
    resourceType: 'Media',
    id: `demo-visit-${name}`,
    status: 'completed',
    subject: { reference: `Patient/${patient}` },
    encounter: encounterOn(name, day),
    createdDateTime: start,
    issued: minutesAfter(start, 20),
    operator: actor,
    content: { contentType, data: data.toString('base64'), title: 'Recording of the visit' },
  };
}
