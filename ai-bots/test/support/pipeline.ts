/** A pipeline for tests with providers of one's own in some stages. */
import { Registry } from 'prom-client';
import { createPipeline, type Pipeline } from '../../pipeline/index.ts';
import { createProviders, loadProviderSettings, type Providers } from '../../provider/index.ts';
import { pipelineSettings } from '../../pipeline/settings.ts';

export interface TestPipeline extends Pipeline {
  readonly registry: Registry;
  readonly lines: readonly { readonly details: object; readonly message: string }[];
}

/** @param more providers beside the ones of the repository, by stage and name */
export function testPipeline(
  env: Readonly<Record<string, string>>,
  more: Partial<Providers> = {},
): TestPipeline {
  const own = createProviders(loadProviderSettings({}, []), () => undefined);
  const joined = <P>(
    stage: ReadonlyMap<string, P>,
    others: ReadonlyMap<string, P> | undefined,
  ): Map<string, P> => new Map([...stage, ...(others ?? [])]);
  const providers: Providers = {
    transcribe: joined(own.transcribe, more.transcribe),
    draft: joined(own.draft, more.draft),
    extract: joined(own.extract, more.extract),
    code: joined(own.code, more.code),
    summarise: joined(own.summarise, more.summarise),
  };
  const registry = new Registry();
  const lines: { details: object; message: string }[] = [];
  const log = (details: object, message: string): void => void lines.push({ details, message });
  const pipeline = createPipeline(pipelineSettings(env), {
    providers,
    registry,
    logger: { info: log, warn: log },
  });
  return { ...pipeline, registry, lines };
}
