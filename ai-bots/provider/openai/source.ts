/** The sources that a model names for what it says: they must exist. */
import { ProviderFault, type Usage } from '../../orchestrator/provider.ts';

/** In the order of `known` and each once. Throws ProviderFault when there is none, or one that is not known. */
export function sourcesIn(
  known: readonly string[],
  name: string,
  usage: Usage,
): (named: readonly string[]) => readonly string[] {
  const places = new Map(known.map((id, i) => [id, i]));
  return (named) => {
    const ids = [...new Set(named)];
    if (ids.length === 0)
      throw new ProviderFault('unusable', `${name} gave a sentence without a source`, { usage });
    if (ids.some((id) => !places.has(id)))
      throw new ProviderFault('unusable', `${name} named a source that does not exist`, { usage });
    return ids.sort((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0));
  };
}
