/** What is remembered of an access or a security event until an AuditEvent is made of it. */

/** Codes of http://hl7.org/fhir/restful-interaction. */
export type RestCode =
  | 'read'
  | 'vread'
  | 'update'
  | 'patch'
  | 'delete'
  | 'create'
  | 'history-instance'
  | 'history-type'
  | 'history-system'
  | 'search-type'
  | 'search-system'
  | 'batch'
  | 'transaction'
  | 'operation';

/** Of DICOM's table CID 401, with a word of ours where that says more. https://dicom.nema.org/medical/dicom/current/output/chtml/part16/sect_CID_401.html */
export type SecurityCode =
  | 'login'
  | 'logout'
  | 'token'
  | 'access-revoked'
  | 'consent'
  | 'launch'
  | 'alert'
  | 'emergency-override'
  | 'user-change'
  | 'client-change'
  | 'policy-change'
  | 'key-change';

/** https://hl7.org/fhir/R4/valueset-audit-event-outcome.html: success, minor failure, serious failure. */
export type Outcome = '0' | '4' | '8';

export interface AuditAgent {
  readonly clientId?: string | undefined;
  readonly userId?: string | undefined;
  /** `Practitioner/1`. */
  readonly fhirUser?: string | undefined;
  /** Network address of the caller. */
  readonly address?: string | undefined;
}

/** A resource that was touched, with the Patients whom it belongs to where the writer knows them already. */
export type Touched = readonly [reference: string, patients?: readonly string[]];

export interface AuditRecord {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly kind: 'rest' | 'security';
  readonly code: RestCode | SecurityCode;
  readonly action: 'C' | 'R' | 'U' | 'D' | 'E';
  readonly outcome: Outcome;
  /** Words for the outcome; no content of resources, no secrets. */
  readonly reason?: string | undefined;
  readonly agent: AuditAgent;
  readonly requestId?: string | undefined;
  /** A code of v3-ActReason: BTG for who broke the glass. */
  readonly purpose?: string | undefined;
  readonly touched: readonly Touched[];
  /** `Observation?patient=1`. */
  readonly query?: string | undefined;
  /** Name of the operation, with the dollar sign. */
  readonly operation?: string | undefined;
}
