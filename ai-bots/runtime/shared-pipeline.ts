/** The pipeline of this process: its stages, budgets and limits are shared by all bots, and it is made when the first asks. */
import { createCatalogue } from '../pipeline/catalogue.ts';
import { createPipeline, type Pipeline } from '../pipeline/index.ts';
import { pipelineSettings } from '../pipeline/settings.ts';
import { readSettings } from '../sdk/index.ts';
import { createLogger } from './logger.ts';
import { registry } from './metrics.ts';

let shared: Pipeline | undefined;

/** Throws SettingsError, or an Error in words, when the settings of the stages are wrong. */
export function sharedPipeline(env: NodeJS.ProcessEnv): Pipeline {
  if (shared !== undefined) return shared;
  const settings = pipelineSettings(env);
  const read = readSettings(env);
  const catalogue = createCatalogue({
    ...read.optional('WHISPER_MODEL', 'whisperModel'),
    whisperLanguage: read.text('WHISPER_LANGUAGE', 'en'),
  });
  read.check();
  shared = createPipeline(settings, {
    catalogue,
    registry,
    logger: createLogger(env['LOG_LEVEL'] ?? 'info'),
  });
  return shared;
}
