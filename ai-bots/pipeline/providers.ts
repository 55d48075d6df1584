/** Picks the providers of a stage, by the short names that settings use. */
import { SettingsError } from '../sdk/settings.ts';
import type { Candidate } from '../orchestrator/stage.ts';
import type { Provider } from '../orchestrator/provider.ts';
import type { Providers } from '../provider/index.ts';

export type StageName = keyof Providers;

/** Throws a SettingsError that lists what is configured when a name is not. */
export function candidatesOf<Input, Output>(
  stage: StageName,
  providers: ReadonlyMap<string, Provider<Input, Output>>,
  names: readonly string[],
): Candidate<Input, Output>[] {
  const known = [...providers.keys()].join(', ');
  return [...new Set(names)].map((key) => {
    const provider = providers.get(key);
    if (provider === undefined)
      throw new SettingsError(
        `AI_${stage.toUpperCase()}_PROVIDERS names ${key}, which is not known or not configured; there are: ${known}`,
      );
    return { key, provider };
  });
}
