/** What the stages that a chat model answers have in common. */
import type { Provider } from '../../orchestrator/provider.ts';
import type { Transcript } from '../../clinical/index.ts';
import type { Endpoint } from './endpoint.ts';

/** A model or deployment behind an endpoint. */
export interface ChatModel {
  readonly endpoint: Endpoint;
  readonly model: string;
}

export const describe = ({
  endpoint: { name, version, party },
  model,
}: ChatModel): Pick<Provider<unknown, unknown>, 'name' | 'version' | 'model' | 'party'> => ({
  name,
  version,
  model,
  party,
});

export const saysNothing = ({ segments }: Transcript): string | undefined =>
  segments.length === 0 ? 'the transcript is empty' : undefined;

/** Names that people have given to speakers stay here; their roles are what matters. */
export const segmentsOf = ({ segments }: Transcript): readonly unknown[] =>
  segments.map(({ id, role, text }) => ({ id, speaker: role ?? 'unknown', text }));
