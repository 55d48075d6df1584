/** Documents of the admin API (fhir-server/docs/admin.md), as far as the console reads them. */

export interface User {
  readonly id: string;
  readonly username: string;
  readonly role?: string;
  readonly fhirUser?: string;
  readonly organization?: string;
  readonly clearance: readonly string[];
  readonly disabled: boolean;
  readonly mustChangePassword: boolean;
  /** In the answer that makes one, and never again. */
  readonly temporaryPassword?: string;
}

export interface Client {
  readonly clientId: string;
  readonly name: string;
  readonly scope: string;
  readonly redirectUris?: readonly string[];
  readonly launchUris?: readonly string[];
  readonly jwksUri?: string;
  readonly jwks?: { readonly keys: readonly { readonly kid?: string }[] };
  readonly hasSecret: boolean;
  /** In the answer that makes one, and never again. */
  readonly clientSecret?: string;
}

export interface Grant {
  readonly id: string;
  readonly userId: string;
  readonly username: string | null;
  readonly clientId: string;
  readonly clientName: string | null;
  readonly scope: readonly string[];
  readonly grantedAt: string;
  readonly expiresAt: string;
}

export interface Rule {
  readonly resourceType: string;
  readonly interactions: readonly string[] | '*';
  readonly criteria?: string;
  readonly patients?: readonly string[];
  readonly compartment?: string;
}

export interface Policy {
  readonly name: string;
  readonly rules: readonly Rule[];
  readonly administration?: true;
}

export interface AccessAnswer {
  readonly permitted: boolean;
  readonly reason: string;
  readonly scopes: readonly string[];
  readonly rules: readonly Rule[];
  readonly total?: number;
}

export interface DeliveryFigures {
  readonly subscriptionId: string;
  readonly pending: number;
  readonly failed: number;
  readonly lagMs: number;
  readonly lastError?: string;
}

/** Indexing anew, or an export. */
export interface Job {
  readonly kind: 'reindex' | 'export';
  readonly id: string;
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'obsolete';
  readonly since: string;
  /** Resources so far. */
  readonly done: number;
  readonly total?: number;
  /** From 0 to 1. */
  readonly share?: number;
  readonly clientId?: string;
  readonly userId?: string;
  readonly username?: string;
  readonly reason?: 'request' | 'parameter' | 'upgrade';
  readonly parameter?: string;
  readonly hasFailed?: boolean;
}

export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  /** Resources that it stored. */
  readonly resources: number;
  readonly skipped: number;
  readonly installedAt: string;
  readonly isSuperseded: boolean;
}

/** A code system in tables of its own. */
export interface LoadedCodeSystem {
  readonly url: string;
  readonly version: string;
  readonly concepts: number;
  /** Absent where the load was broken off. */
  readonly loadedAt?: string;
}

export interface InstallReport {
  readonly name: string;
  readonly version: string;
  readonly wasInstalled: boolean;
  readonly stored: number;
  /** `file: why` */
  readonly skipped: readonly string[];
  readonly missing: readonly string[];
}
