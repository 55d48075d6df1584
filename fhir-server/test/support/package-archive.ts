/** FHIR packages that tests make. https://hl7.org/fhir/packages.html */
import { gzipSync } from 'node:zlib';
import { pack, type Header } from 'tar-stream';

export type PackageFile = readonly [name: string, content: unknown, more?: Partial<Header>];

/** A gzipped tar of these entries; what is no text becomes JSON. */
export async function archive(...files: readonly PackageFile[]): Promise<Buffer> {
  const tar = pack();
  for (const [name, content, more] of files) {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    if (more?.type === undefined || more.type === 'file') tar.entry({ name, ...more }, text);
    else tar.entry({ name, ...more });
  }
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return gzipSync(Buffer.concat(chunks));
}

interface Contents {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly resources?: readonly { readonly resourceType: string; readonly id?: string }[];
  readonly examples?: readonly { readonly resourceType: string; readonly id?: string }[];
}

/** A package for R4 with a manifest. */
export function packageOf(
  name: string,
  version: string,
  { dependencies, resources = [], examples = [] }: Contents = {},
): Promise<Buffer> {
  const manifest = { name, version, fhirVersions: ['4.0.1'], dependencies };
  return archive(
    ['package/package.json', manifest],
    ...resources.map((r): PackageFile => [`package/${r.resourceType}-${r.id}.json`, r]),
    ...examples.map((r): PackageFile => [`package/example/${r.resourceType}-${r.id}.json`, r]),
  );
}
