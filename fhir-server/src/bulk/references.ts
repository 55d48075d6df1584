/** What exported resources refer to outside of the patients' compartments, and the Provenances that tell of them. */
import { disclose, type Request } from '../interaction/index.ts';
import { type Expression, localReference, or, parseConditions, and } from '../search/index.ts';
import { type AsOfVersion, idsByKeys } from '../storage/index.ts';
import type { ExportRequest } from './export-job.ts';
import { isReferred } from './export-types.ts';
import { exportRight } from './rights.ts';

/** Stored JSON has no white space, and within a string a quotation mark is escaped: this finds references only. */
const REFERENCE = /"reference":"([^"\\]+)"/g;

/** Found, and not yet written down with a checkpoint. */
export class FoundReferences {
  readonly #wanted: ReadonlySet<string>;
  #found = new Map<string, readonly [type: string, id: string]>();

  constructor({ types }: ExportRequest) {
    this.#wanted = new Set(types.filter(isReferred));
  }

  async collect(request: Request, resourceType: string, versions: readonly AsOfVersion[]): Promise<void> {
    const { fhirBase } = request.server.config;
    for (const { content } of versions)
      // What is hidden from the requester leads him nowhere.
      for (const [, text = ''] of disclose(request, resourceType, content).matchAll(REFERENCE)) {
        const target = localReference(text, fhirBase);
        if (target && target.type !== 'Provenance' && this.#wanted.has(target.type))
          this.#add(target.type, target.id);
      }
    // A Provenance of a Provenance would lead to another one for ever.
    if (this.#wanted.has('Provenance') && resourceType !== 'Provenance')
      for (const id of await provenances(request, resourceType, versions)) this.#add('Provenance', id);
  }

  #add(type: string, id: string): void {
    this.#found.set(`${type}/${id}`, [type, id]);
  }

  take(): (readonly [type: string, id: string])[] {
    const all = [...this.#found.values()];
    this.#found = new Map();
    return all;
  }
}

/** A search takes so many values. */
const TARGETS_MAX = 400;

async function provenances(
  request: Request,
  resourceType: string,
  versions: readonly AsOfVersion[],
): Promise<ReadonlySet<string>> {
  const { server } = request;
  const right = exportRight(request, 'Provenance');
  if (right === undefined || versions.length === 0 || !(await server.tables.exists('Provenance')))
    return new Set();
  const parts: Expression[] = [];
  for (let i = 0; i < versions.length; i += TARGETS_MAX) {
    const targets = versions.slice(i, i + TARGETS_MAX).map(({ id }) => `${resourceType}/${id}`);
    const context = { registry: server.registry, baseUrl: server.config.fhirBase };
    parts.push(parseConditions('Provenance', [['target', targets.join(',')]], context));
  }
  return idsByKeys(server.pool, server.registry, 'Provenance', and(or(...parts), right));
}
