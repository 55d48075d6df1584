/** One page of an export: which lines it gives, and where the next page starts. */
import type { Request, Server } from '../interaction/index.ts';
import { ALL, and, type Expression, not, parseConditions } from '../search/index.ts';
import { type AsOfQuery, type AsOfVersion, contentsBefore, readAsOf } from '../storage/index.ts';
import type { BulkConfig } from '../platform/bulk-config.ts';
import type { ExportJob, Place } from './export-job.ts';
import { looksForReferences, typesToRead } from './export-types.ts';
import { nextReferences } from './job-store.ts';
import { deletionLine, lineOf } from './line.ts';
import {
  ListedPatients,
  patientsOf,
  permittedOf,
  seenPatients,
  type Within,
  withinAllPatients,
} from './patients.ts';
import { FoundReferences } from './references.ts';
import { exportRight } from './rights.ts';
import { typeFilter } from './type-filter.ts';

export interface Step {
  readonly kind: 'output' | 'deleted';
  readonly resourceType: string;
  readonly lines: readonly string[];
  readonly next: Place;
  /** What the client should know. */
  readonly note?: string;
}

/** References beyond so many steps from a patient's resources are no longer followed. */
const WAVES_MAX = 8;

const OVER: Place = { stage: 'over', type: 0, deletions: false, chunk: 0, wave: 0, referred: '', after: '' };

export class Reading {
  readonly references: FoundReferences;
  readonly #job: ExportJob;
  readonly #settings: BulkConfig;
  readonly #types: readonly string[];
  readonly #looks: boolean;
  readonly #patients: ListedPatients | undefined;

  constructor(job: ExportJob, settings: BulkConfig) {
    this.#job = job;
    this.#settings = settings;
    this.#types = typesToRead(job.request);
    this.#looks = looksForReferences(job.request);
    this.#patients = job.patients === null ? undefined : new ListedPatients(job.patients);
    this.references = new FoundReferences(job.request);
  }

  /** Of which type the place is; undefined behind the last. */
  typeAt(place: Place): string | undefined {
    return place.stage === 'types' ? this.#types[place.type] : place.referred;
  }

  async step(request: Request, from: Place): Promise<Step> {
    if (from.stage === 'references') return this.#referred(request, from);
    const place = await this.#behindUnwritten(request, from);
    const resourceType = this.typeAt(place);
    if (resourceType === undefined) {
      const next: Place = this.#looks ? { ...place, stage: 'references', chunk: 0, after: '' } : OVER;
      return { kind: 'output', resourceType: '', lines: [], next };
    }
    const behind: Place = { ...place, type: place.type + 1, deletions: false, chunk: 0, after: '' };
    const isWanted = this.#job.request.types.includes(resourceType);
    const right = exportRight(request, resourceType);
    if (right === undefined)
      return {
        kind: 'output',
        resourceType,
        lines: [],
        next: behind,
        ...(isWanted && leftOut(resourceType)),
      };
    return place.deletions
      ? this.#deletions(request, place, resourceType, right, behind)
      : this.#current(request, place, resourceType, right, behind);
  }

  /** The next type that was ever written. */
  async #behindUnwritten({ server }: Request, place: Place): Promise<Place> {
    let { type } = place;
    for (let name = this.#types[type]; name !== undefined && !(await server.tables.exists(name));)
      name = this.#types[++type];
    return type === place.type ? place : { ...place, type };
  }

  #query({ registry }: Server, resourceType: string, after: string): Omit<AsOfQuery, 'filter'> {
    const { batchSize: limit, batchBytesMax: bytesMax } = this.#settings;
    return { registry, resourceType, moment: this.#job.transactionTime, after, limit, bytesMax };
  }

  async #current(
    request: Request,
    place: Place,
    resourceType: string,
    right: Expression,
    behind: Place,
  ): Promise<Step> {
    const { types, filters, since } = this.#job.request;
    const isWanted = types.includes(resourceType);
    const within = await this.#within(request, resourceType, place.chunk);
    const chunks = this.#patients?.chunks ?? 1;
    const isLast = place.chunk + 1 >= chunks;
    const withDeletions = isWanted && since !== undefined;
    const end: Place = !isLast
      ? { ...place, chunk: place.chunk + 1, after: '' }
      : withDeletions
        ? { ...place, deletions: true, chunk: 0, after: '' }
        : behind;
    const step = { kind: 'output', resourceType, lines: [] } as const;
    if (within.filter === undefined) return { ...step, next: end };
    const own = and(right, await typeFilter(request, resourceType, filters[resourceType]));
    const page = await readAsOf(request.server.pool, {
      ...this.#query(request.server, resourceType, place.after),
      filter: and(own, within.filter),
      since: this.#looks ? undefined : since,
      keys: within.keys,
    });
    const permitted = await permittedOf(request, resourceType, page.versions, own);
    const kept = await within.keep(permitted);
    if (this.#looks) await this.references.collect(request, resourceType, kept);
    const lines = isWanted ? this.#lines(request, resourceType, kept) : [];
    return { ...step, lines, next: page.next === undefined ? end : { ...place, after: page.next } };
  }

  #lines(request: Request, resourceType: string, versions: readonly AsOfVersion[]): string[] {
    const { since } = this.#job.request;
    return versions
      .filter((v) => since === undefined || v.lastUpdated > since)
      .map((v) => lineOf(request, resourceType, v, this.#job.request));
  }

  async #within(request: Request, resourceType: string, chunk: number): Promise<Within> {
    if (this.#job.request.level === 'system')
      return { filter: ALL, keep: (versions) => Promise.resolve(versions) };
    return this.#patients
      ? this.#patients.within(request, resourceType, chunk)
      : withinAllPatients(request, resourceType);
  }

  /** A deletion has no content: whoever might read the version before it is told. */
  async #deletions(
    request: Request,
    place: Place,
    resourceType: string,
    right: Expression,
    behind: Place,
  ): Promise<Step> {
    const { filters, since } = this.#job.request;
    const { pool } = request.server;
    const query = { ...this.#query(request.server, resourceType, place.after), filter: ALL, since };
    const page = await readAsOf(pool, { ...query, deletions: true });
    const contents = await contentsBefore(pool, resourceType, page.versions);
    const before = page.versions.flatMap((version): AsOfVersion[] => {
      const content = contents.get(version.id);
      return content === undefined ? [] : [{ ...version, content, deleted: false, isSuperseded: true }];
    });
    const own = and(right, await typeFilter(request, resourceType, filters[resourceType]));
    const permitted = await permittedOf(request, resourceType, before, own);
    const kept = await this.#ofPatients(request, resourceType, permitted);
    const lines = kept.map(({ id }) => deletionLine(resourceType, id));
    const next = page.next === undefined ? behind : { ...place, after: page.next };
    return { kind: 'deleted', resourceType, lines, next };
  }

  /** Of versions at hand, those that belong to the patients of the export. */
  async #ofPatients(request: Request, resourceType: string, versions: readonly AsOfVersion[]) {
    const right = exportRight(request, 'Patient');
    if (this.#job.request.level === 'system') return versions;
    if (right === undefined) return [];
    const owners = new Map(
      versions.map((v) => [v, patientsOf(request, resourceType, v.id, v.content)] as const),
    );
    // A Patient who is gone himself is judged as his own version was.
    const isSeen = resourceType === 'Patient' ? undefined : await seenPatients(request, right, [...owners.values()].flat()); // prettier-ignore
    return versions.filter((v) => {
      const his = (owners.get(v) ?? []).filter((id) => isSeen?.has(id) ?? true);
      return this.#patients?.has(his) ?? his.length > 0;
    });
  }

  async #referred(request: Request, place: Place): Promise<Step> {
    const { id: jobId, request: wanted } = this.#job;
    const { server } = request;
    const references = await nextReferences(server.pool, jobId, place, this.#settings.batchSize);
    const step = { kind: 'output', resourceType: place.referred, lines: [] } as const;
    if (!references) {
      const isEnd = place.referred === '' || place.wave + 1 >= WAVES_MAX;
      return { ...step, next: isEnd ? OVER : { ...place, wave: place.wave + 1, referred: '', after: '' } };
    }
    const { resourceType, ids } = references;
    // A file has one type: the page ends where the type does.
    if (resourceType !== place.referred && place.referred !== '')
      return { ...step, next: { ...place, referred: resourceType, after: '' } };
    const end: Place = { ...place, referred: resourceType, after: ids.at(-1)! };
    const isThere = await server.tables.exists(resourceType);
    const right = isThere ? exportRight(request, resourceType) : undefined;
    if (right === undefined)
      return { ...step, resourceType, next: end, ...(isThere && leftOut(resourceType)) };
    const own = and(right, await typeFilter(request, resourceType, wanted.filters[resourceType]), unowned(request, resourceType)); // prettier-ignore
    const page = await readAsOf(server.pool, {
      ...this.#query(server, resourceType, place.after),
      filter: and({ kind: 'id', ids }, own),
    });
    const asked = new Set(ids);
    const found = page.versions.filter((v) => asked.has(v.id));
    const kept = await permittedOf(request, resourceType, found, own);
    await this.references.collect(request, resourceType, kept);
    const lines = this.#lines(request, resourceType, kept);
    // What was superseded meanwhile may lie behind these references, and comes with its own.
    const isDone = page.next === undefined || page.next >= end.after;
    return { ...step, resourceType, lines, next: isDone ? end : { ...end, after: page.next } };
  }
}

/** A Device that names a patient belongs to his record, and comes with it or not at all. */
function unowned({ server: { registry, config } }: Request, resourceType: string): Expression {
  if (resourceType !== 'Device') return ALL;
  const owned = parseConditions('Device', [['patient:missing', 'false']], {
    registry,
    baseUrl: config.fhirBase,
  });
  return not(owned);
}

const leftOut = (resourceType: string): { readonly note: string } => ({
  note: `${resourceType} is left out: the rights of the client do not permit it`,
});
