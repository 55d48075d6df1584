/** A bulk export as it is kept: what was asked for, by whom, and how far it is. https://hl7.org/fhir/uv/bulkdata/STU2/export.html */

export interface ExportRequest {
  readonly level: 'system' | 'patient' | 'group';
  /** Of a Group export. */
  readonly groupId?: string;
  /** Types of the output, in their order. */
  readonly types: readonly string[];
  /** Searches by type, of which a resource must match one. */
  readonly filters: Readonly<Record<string, readonly string[]>>;
  /** Only what was written later, in ms since the epoch. */
  readonly since?: number;
  /** Elements of the output by type, and under `*` those of all types. */
  readonly elements: Readonly<Record<string, readonly string[]>>;
  /** The URL of the request, for the manifest. */
  readonly url: string;
}

/** Whose rights an export has, as far as its token said; what the client and the user may do is asked anew all the time. */
export interface Requester {
  readonly clientId: string;
  readonly userId?: string;
  /** Of the token. */
  readonly scopes: readonly string[];
  readonly patient?: string;
  readonly encounter?: string;
}

/** Where the reading of an export stands; a job goes on from it after a crash. */
export interface Place {
  readonly stage: 'types' | 'references' | 'over';
  /** Into the types that are read one after the other. */
  readonly type: number;
  /** Whether the type's deletions are read, which come behind what is there. */
  readonly deletions: boolean;
  /** Into the Patients, some at a time. */
  readonly chunk: number;
  readonly wave: number;
  /** Type of the references of the wave. */
  readonly referred: string;
  /** Id behind which the next page starts. */
  readonly after: string;
}

export const FIRST_PLACE: Place = {
  stage: 'types',
  type: 0,
  deletions: false,
  chunk: 0,
  wave: 0,
  referred: '',
  after: '',
};

export interface ExportFile {
  readonly id: string;
  readonly kind: 'output' | 'deleted' | 'error';
  readonly resourceType: string;
  readonly count: number;
  readonly bytes: number;
  /** Digest of the rights with which it was written. */
  readonly rights: string;
}

export interface ExportJob {
  readonly id: string;
  readonly requester: Requester;
  readonly request: ExportRequest;
  readonly patients: readonly string[] | null;
  /** Milliseconds since the epoch. */
  readonly transactionTime: number;
  readonly state: 'waiting' | 'running' | 'done' | 'failed';
  readonly place: Place | null;
  readonly notes: readonly string[];
  readonly progress: string | null;
  readonly faults: number;
  readonly failure: string | null;
  /** Milliseconds since the epoch. */
  readonly finishedAt: number | null;
}
