/** What validating and indexing one resource costs, in this process: no HTTP and no database. */
import { parseJson } from '../../fhir-server/src/fhir/json/index.ts';
import { createRegistry } from '../../fhir-server/src/reindex/index.ts';
import { extractIndex } from '../../fhir-server/src/search/index.ts';
import { validateResource } from '../../fhir-server/src/validate/index.ts';
import type { Resource } from '@medplum/fhirtypes';
import type { Row } from './report.ts';
import type { BundleText } from './synthea-bundles.ts';

/** Rounds over everything before the one that counts: compiled code is what a server runs. */
const WARM_UPS = 2;

/** Three rows, with times of one resource. */
export function measureWriteCost(bundles: Iterable<BundleText>): Row[] {
  const registry = createRegistry();
  const resources = [...bundles].flatMap(({ text }) =>
    (parseJson(text) as { entry: { resource: Resource }[] }).entry.map(({ resource }) => resource),
  );
  let times: { validated: number; indexed: number }[] = [];
  for (let round = 0; round <= WARM_UPS; round += 1)
    times = resources.map((resource) => {
      const begin = performance.now();
      const issues = validateResource(resource);
      const middle = performance.now();
      extractIndex(resource, { registry, baseUrl: 'http://localhost/fhir/R4' });
      if (issues.length > 0) throw new Error(`A ${resource.resourceType} of Synthea is not valid`);
      return { validated: middle - begin, indexed: performance.now() - middle };
    });
  const row = (work: string, of: readonly number[]): Row => {
    const sorted = [...of].sort((a, b) => a - b);
    const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)]!;
    const sum = sorted.reduce((a, b) => a + b, 0);
    return {
      scale: '',
      work,
      perSecond: (sorted.length / sum) * 1_000,
      p50Ms: at(0.5),
      p99Ms: at(0.99),
      errors: 0,
      note: `${sorted.length} resources, one core`,
    };
  };
  return [
    row('validation of a resource', times.map(({ validated }) => validated)),
    row('indexing of a resource', times.map(({ indexed }) => indexed)),
    row('validation and indexing', times.map(({ validated, indexed }) => validated + indexed)),
  ]; // prettier-ignore
}
