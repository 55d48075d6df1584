/** All that a client can see of a server, as checksums: every version of every resource, content, and what searches find. */
import { createHash } from 'node:crypto';
import type { Bundle, BundleEntry } from '@medplum/fhirtypes';
import type { Clinic } from './clinic.ts';

/** What can be asked for, to the checksum of the answer. */
export type Snapshot = ReadonlyMap<string, string>;

const sum = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');

async function bundle(clinic: Clinic, path: string): Promise<Bundle> {
  const { status, bytes } = await clinic.call('GET', path);
  if (status !== 200) throw new Error(`GET ${path}: ${status} ${bytes.toString()}`);
  return JSON.parse(bytes.toString()) as Bundle;
}

async function all(clinic: Clinic, path: string): Promise<BundleEntry[]> {
  const entries: BundleEntry[] = [];
  for (let next: string | undefined = path; next !== undefined;) {
    const page: Bundle = await bundle(clinic, next);
    entries.push(...(page.entry ?? []));
    next = page.link?.find(({ relation }) => relation === 'next')?.url;
  }
  return entries;
}

/** Nothing may be written meanwhile. */
export async function takeSnapshot(clinic: Clinic, searches: readonly string[]): Promise<Snapshot> {
  const found = new Map<string, string>();
  const resources = new Set<string>();
  for (const { resource, request, response, fullUrl = '' } of await all(clinic, '_history?_count=500')) {
    const name = request?.method === 'POST' || resource ? `${resource?.resourceType}/${resource?.id}` : fullUrl.split('/').slice(-2).join('/'); // prettier-ignore
    const version = /"(.+)"/.exec(response?.etag ?? '')?.[1] ?? '';
    found.set(
      `${name}/_history/${version}`,
      sum(JSON.stringify([request?.method, response?.lastModified, resource])),
    );
    resources.add(name);
    if (resource?.resourceType !== 'Binary') continue;
    const path = `${name}/_history/${version}`;
    const { status, bytes } = await clinic.call('GET', path, undefined, {
      Accept: 'application/octet-stream',
    });
    found.set(`content of ${path}`, `${status} ${sum(bytes)}`);
  }
  // The current one, or 410 where it is deleted.
  for (const name of resources) {
    const { status, etag, bytes } = await clinic.call('GET', name);
    found.set(name, `${status} ${etag ?? ''} ${status === 200 ? sum(bytes) : ''}`);
  }
  for (const search of searches) {
    const names = (await all(clinic, search)).map(
      ({ resource }) => `${resource?.id ?? ''}/${resource?.meta?.versionId ?? ''}`,
    );
    found.set(search, `${names.length} ${sum(names.toSorted().join())}`);
  }
  return found;
}

/** What is missing, other, or there without having been, as sentences. */
export function differences(wanted: Snapshot, found: Snapshot): string[] {
  return [
    ...[...wanted].flatMap(([what, checksum]) => {
      if (!found.has(what)) return [`${what} is missing`];
      return found.get(what) === checksum ? [] : [`${what} is not what it was`];
    }),
    ...[...found.keys()].filter((what) => !wanted.has(what)).map((what) => `${what} was not there`),
  ];
}
