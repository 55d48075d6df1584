/** The pipeline of this process: its stages, budgets and limits are shared by all bots, and it is made when the first asks. */
import { createPipeline, type Pipeline } from '../pipeline/index.ts';
import { pipelineSettings } from '../pipeline/settings.ts';
import { createProviders, loadProviderSettings } from '../provider/index.ts';
import { SettingsError } from '../sdk/index.ts';
import { createLogger } from './logger.ts';
import { registry } from './metrics.ts';

let shared: Pipeline | undefined;

/** Throws SettingsError, or an Error in words, when the settings of the stages are wrong. */
export function sharedPipeline(env: NodeJS.ProcessEnv): Pipeline {
  if (shared !== undefined) return shared;
  const logger = createLogger(env['LOG_LEVEL'] ?? 'info');
  const faults: string[] = [];
  const settings = loadProviderSettings(env, faults);
  if (faults.length > 0) throw new SettingsError(faults.join('\n'));
  const providers = createProviders(settings, (message) => logger.warn(message));
  shared = createPipeline(pipelineSettings(env), { providers, registry, logger });
  return shared;
}

/** Undefined as long as no bot has asked for it. */
export const runningPipeline = (): Pipeline | undefined => shared;
