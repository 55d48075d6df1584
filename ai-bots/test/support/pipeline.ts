/** A pipeline for tests with providers of one's own in some stages. */
import { Registry } from 'prom-client';
import { createCatalogue, type Catalogue } from '../../pipeline/catalogue.ts';
import { createPipeline, type Pipeline } from '../../pipeline/index.ts';
import { pipelineSettings } from '../../pipeline/settings.ts';

export interface TestPipeline extends Pipeline {
  readonly registry: Registry;
  readonly lines: readonly { readonly details: object; readonly message: string }[];
}

/** @param more providers beside the ones of the repository, by stage and name */
export function testPipeline(
  env: Readonly<Record<string, string>>,
  more: { readonly [S in keyof Catalogue]?: Catalogue[S] } = {},
): TestPipeline {
  const own = createCatalogue({ whisperLanguage: 'en' });
  const catalogue: Catalogue = {
    transcribe: { ...own.transcribe, ...more.transcribe },
    draft: { ...own.draft, ...more.draft },
    extract: { ...own.extract, ...more.extract },
    code: { ...own.code, ...more.code },
    summarise: { ...own.summarise, ...more.summarise },
  };
  const registry = new Registry();
  const lines: { details: object; message: string }[] = [];
  const log = (details: object, message: string): void => void lines.push({ details, message });
  const pipeline = createPipeline(pipelineSettings(env), {
    catalogue,
    registry,
    logger: { info: log, warn: log },
  });
  return { ...pipeline, registry, lines };
}
