/** The policies of the roles that come with the server. Who is in no rule of a type may not touch it. */
import type { Interaction } from './interaction.ts';
import type { AccessPolicy, PolicyRule } from './policy.ts';
import {
  ADMINISTRATIVE_TYPES,
  APPOINTMENT_TYPES,
  BILLING_TYPES,
  CLINICAL_TYPES,
  DEMOGRAPHIC_TYPES,
  REFERENCE_TYPES,
  TIMETABLE_TYPES,
} from './resource-groups.ts';

export type RoleName = 'admin' | 'doctor' | 'nurse' | 'receptionist' | 'patient' | 'auditor' | 'client';

const READ: readonly Interaction[] = ['read', 'vread', 'history-instance', 'history-type', 'search-type'];
const WRITE: readonly Interaction[] = [...READ, 'create', 'update', 'patch'];
const ALL: readonly Interaction[] = [...WRITE, 'delete'];

type Limits = Pick<PolicyRule, 'criteria' | 'compartment' | 'patients'>;

const rules = (
  types: readonly string[],
  interactions: readonly Interaction[],
  limits: Limits = {},
): PolicyRule[] => types.map((resourceType) => ({ resourceType, interactions, ...limits }));

const without = (types: readonly string[], removed: readonly string[]): readonly string[] =>
  types.filter((type) => !removed.includes(type));

const unlimited: readonly PolicyRule[] = [{ resourceType: '*', interactions: '*' }];

/** A diagnosis, a signed note and a prescription are the doctor's to make. */
const DOCTORS_OWN = [
  'ClinicalImpression',
  'Composition',
  'Condition',
  'MedicationRequest',
  'VisionPrescription',
];

/** Patients of the organization that the user acts for. */
const OWN_PATIENTS: Limits = { patients: ['organization=%organization'] };

/** The same, and those for whom he himself is there: as general practitioner, or in a care team. */
const TREATED_PATIENTS: Limits = {
  patients: [
    'organization=%organization',
    'general-practitioner=%practitioner',
    '_has:CareTeam:patient:participant=%practitioner&_has:CareTeam:patient:status=active',
  ],
};

/** What professionals do with records. */
const CARE = ['TREAT', 'ETREAT', 'CAREMGT', 'COORDINATE'];
const OFFICE = ['HOPERAT', 'HPAYMT', 'PATADMIN', 'COVERAGE'];

/** What both professions may do besides the clinical record. Subscriptions hold secrets, and AuditEvents are the auditor's. */
const careTeam: readonly PolicyRule[] = [
  ...rules(REFERENCE_TYPES, READ),
  ...rules(TIMETABLE_TYPES, READ),
  ...rules([...DEMOGRAPHIC_TYPES, ...APPOINTMENT_TYPES], WRITE, TREATED_PATIENTS),
  ...rules([...ADMINISTRATIVE_TYPES, ...BILLING_TYPES], READ, TREATED_PATIENTS),
  // Most name what they are about, and not whose that is. Software and equipment belong to nobody.
  ...rules(['Provenance'], WRITE, TREATED_PATIENTS),
  ...rules(['Provenance'], WRITE, { criteria: 'patient:missing=true' }),
  ...rules(['Device'], READ, { criteria: 'patient:missing=true' }),
];

const AIAST = 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue|AIAST';
/** Of these, search can tell what a clinician has approved. */
const APPROVED: Readonly<Record<string, string>> = {
  Composition: 'status:not=preliminary',
  Condition: 'verification-status:not=unconfirmed,provisional',
  Observation: 'status:not=preliminary',
};
/** Of these it cannot, so that what AI wrote stays with the clinicians. */
const UNAPPROVABLE = ['DocumentReference', 'FamilyMemberHistory', 'MedicationStatement', 'Task'];

/** His own record, but nothing that AI proposed and no clinician has approved. */
const ownRecord: readonly PolicyRule[] = [
  ...rules(
    without(
      [
        ...CLINICAL_TYPES,
        ...DEMOGRAPHIC_TYPES,
        ...APPOINTMENT_TYPES,
        ...ADMINISTRATIVE_TYPES,
        ...BILLING_TYPES,
        'Provenance',
      ],
      // The members of a Group are other patients.
      [...Object.keys(APPROVED), ...UNAPPROVABLE, 'Group'],
    ),
    READ,
    { compartment: 'Patient' },
  ),
  ...rules([...Object.keys(APPROVED), ...UNAPPROVABLE], READ, {
    compartment: 'Patient',
    criteria: `_security:not=${AIAST}`,
  }),
  ...Object.entries(APPROVED).flatMap(([type, criteria]) =>
    rules([type], READ, { compartment: 'Patient', criteria }),
  ),
];

const byRole: Readonly<Record<RoleName, AccessPolicy>> = {
  admin: { name: 'admin', rules: unlimited, administration: true, clearance: ['R', 'V', 'consent'] },
  doctor: {
    name: 'doctor',
    rules: [...careTeam, ...rules(CLINICAL_TYPES, ALL, TREATED_PATIENTS)],
    purposes: CARE,
    emergency: true,
  },
  nurse: {
    name: 'nurse',
    rules: [
      ...careTeam,
      ...rules(without(CLINICAL_TYPES, DOCTORS_OWN), ALL, TREATED_PATIENTS),
      ...rules(DOCTORS_OWN, READ, TREATED_PATIENTS),
    ],
    purposes: CARE,
    emergency: true,
  },
  receptionist: {
    name: 'receptionist',
    rules: [
      ...rules(['Practitioner', 'PractitionerRole', 'Organization', 'Location', 'HealthcareService'], READ),
      ...rules([...DEMOGRAPHIC_TYPES, ...APPOINTMENT_TYPES, ...ADMINISTRATIVE_TYPES], WRITE, OWN_PATIENTS),
      ...rules(TIMETABLE_TYPES, ALL),
    ],
    purposes: OFFICE,
  },
  patient: {
    name: 'patient',
    booking: true,
    // It is his own record.
    clearance: ['R', 'V', 'consent'],
    rules: [
      ...rules([...REFERENCE_TYPES, ...TIMETABLE_TYPES], READ),
      ...ownRecord,
      // The accounting of disclosures: who has seen his record. What he himself was refused is about others' records.
      ...rules(['AuditEvent'], READ, { compartment: 'Patient', criteria: 'entity=%patient' }),
      ...rules(['QuestionnaireResponse'], ['create', 'update', 'patch'], {
        compartment: 'Patient',
        criteria: 'subject=%patient&source=%patient',
      }),
      ...rules(['Communication'], ['create'], {
        compartment: 'Patient',
        criteria: 'subject=%patient&sender=%patient',
      }),
    ],
  },
  /** Sees who did what, and whom and what it was done with, but no record of a patient. */
  auditor: {
    name: 'auditor',
    rules: [
      ...rules(['AuditEvent', 'Provenance'], READ),
      ...rules(REFERENCE_TYPES, READ),
      ...rules(['Patient'], READ),
    ],
  },
  /** Backend services are limited by the scopes that they are registered with, and by nothing else. */
  client: { name: 'client', rules: unlimited },
};

export const SHIPPED_POLICIES: readonly AccessPolicy[] = Object.values(byRole);

export const shippedPolicy = (role: RoleName): AccessPolicy => byRole[role];
