/** What the stages that a chat model answers have in common. */
import { createHash } from 'node:crypto';
import type { Provider } from '../../orchestrator/provider.ts';
import type { Transcript } from '../../clinical/index.ts';
import type { Endpoint } from './endpoint.ts';

/** A model or deployment behind an endpoint. */
export interface ChatModel {
  readonly endpoint: Endpoint;
  readonly model: string;
}

type Description = Pick<Provider<unknown, unknown>, 'name' | 'version' | 'model' | 'party' | 'parameters'>;

/** @param asked what is asked apart from the input, e.g. task and form: with other words an answer is another one */
export function describe({ endpoint, model }: ChatModel, ...asked: readonly unknown[]): Description {
  const { name, version, party, client, jsonMode, temperature } = endpoint;
  const all = JSON.stringify([client.baseURL, jsonMode, temperature ?? null, ...asked]);
  const parameters = createHash('sha256').update(all).digest('hex').slice(0, 16);
  return { name, version, model, party, parameters };
}

export const saysNothing = ({ segments }: Transcript): string | undefined =>
  segments.length === 0 ? 'the transcript is empty' : undefined;

/** Names that people have given to speakers stay here; their roles are what matters. */
export const segmentsOf = ({ segments }: Transcript): readonly unknown[] =>
  segments.map(({ id, role, text }) => ({ id, speaker: role ?? 'unknown', text }));
