/** The demo clinic and the staff behind the demo logins. */
import type { Organization, Practitioner, PractitionerRole } from '@medplum/fhirtypes';
import { concept } from './coding.ts';
import { timeZone } from './day.ts';

export const organizationReference = {
  reference: 'Organization/demo-clinic',
  display: 'Harbour Street Clinic',
};
export const doctorReference = { reference: 'Practitioner/demo-doctor', display: 'Dr. Ana Novak' };
export const physicianReference = { reference: 'Practitioner/demo-physician', display: 'Dr. Elena Reyes' };
export const nurseReference = { reference: 'Practitioner/demo-nurse', display: 'Tom Becker' };

interface StaffMember {
  readonly id: string;
  readonly prefix?: string;
  readonly given: string;
  readonly family: string;
  readonly gender: 'female' | 'male';
  readonly role: string;
}

export const staff: readonly StaffMember[] = [
  {
    id: 'demo-doctor',
    prefix: 'Dr.',
    given: 'Ana',
    family: 'Novak',
    gender: 'female',
    role: 'Family physician',
  },
  {
    id: 'demo-physician',
    prefix: 'Dr.',
    given: 'Elena',
    family: 'Reyes',
    gender: 'female',
    role: 'Family physician',
  },
  { id: 'demo-nurse', given: 'Tom', family: 'Becker', gender: 'male', role: 'Registered nurse' },
  { id: 'demo-receptionist', given: 'Grace', family: 'Mwangi', gender: 'female', role: 'Receptionist' },
  { id: 'demo-admin', given: 'Leo', family: 'Rossi', gender: 'male', role: 'Administrator' },
];

function practitioner(member: StaffMember): Practitioner {
  const { id, prefix, given, family, gender } = member;
  return {
    resourceType: 'Practitioner',
    id,
    active: true,
    name: [
      { use: 'official', family, given: [given], ...(prefix === undefined ? {} : { prefix: [prefix] }) },
    ],
    gender,
  };
}

function practitionerRole(member: StaffMember): PractitionerRole {
  return {
    resourceType: 'PractitionerRole',
    id: `${member.id}-role`,
    active: true,
    practitioner: { reference: `Practitioner/${member.id}` },
    organization: organizationReference,
    code: [{ text: member.role }],
  };
}

/** The Organization, then each Practitioner with the PractitionerRole that places them in it. */
export function clinic(): (Organization | Practitioner | PractitionerRole)[] {
  const organization: Organization = {
    resourceType: 'Organization',
    id: 'demo-clinic',
    // Reminders tell the time of day by it.
    extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/timezone', valueCode: timeZone() }],
    active: true,
    type: [concept('organizationType', 'prov', 'Healthcare Provider')],
    name: 'Harbour Street Clinic',
    telecom: [{ system: 'phone', value: '+1-555-0100', use: 'work' }],
    address: [{ use: 'work', line: ['1 Harbour Street'], city: 'Springfield', country: 'US' }],
  };
  return [organization, ...staff.flatMap((member) => [practitioner(member), practitionerRole(member)])];
}
