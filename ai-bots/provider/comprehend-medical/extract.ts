/** The extract stage by Comprehend Medical. https://docs.aws.amazon.com/comprehend-medical/latest/dev/textanalysis-entitiesv2.html */
import {
  ComprehendMedicalClient,
  DetectEntitiesV2Command,
  type Entity,
} from '@aws-sdk/client-comprehendmedical';
import type { ClinicalEntity } from '../../clinical/index.ts';
import { ProviderFault } from '../../orchestrator/provider.ts';
import { clientConfig, type AwsConnection } from '../aws/connection.ts';
import { awsFault } from '../aws/fault.ts';
import type { ExtractProvider } from '../stages.ts';
import { chunksOf, type Chunk } from './chunk.ts';
import { createReader } from './entity.ts';

const TEXT_MAX_BYTES = 20_000;
export const NAME = 'AWS Comprehend Medical';
/** Of the API; the service gives its model's version with each answer only. */
export const VERSION = '2018-10-30';

export function comprehendExtractProvider(connection: AwsConnection): ExtractProvider {
  const client = new ComprehendMedicalClient(clientConfig(connection));
  return {
    name: NAME,
    version: VERSION,
    model: 'DetectEntitiesV2',
    party: 'third-party',
    refusal: ({ transcript }) => (transcript.segments.length === 0 ? 'the transcript is empty' : undefined),
    async run({ transcript }, signal) {
      const read = createReader(transcript);
      const entities: ClinicalEntity[] = [];
      let characters = 0;
      for (const chunk of chunksOf(transcript.segments, TEXT_MAX_BYTES)) {
        const found = await detect(client, chunk, signal, characters);
        characters += chunk.characters;
        entities.push(...found.flatMap((entity) => read(entity, chunk) ?? []));
      }
      return { output: entities, usage: { characters } };
    },
  };
}

/** @param billed characters of the chunks before, which cost although this one fails */
async function detect(
  client: ComprehendMedicalClient,
  { text }: Chunk,
  signal: AbortSignal,
  billed: number,
): Promise<readonly Entity[]> {
  const usage = { characters: billed };
  try {
    const { Entities } = await client.send(new DetectEntitiesV2Command({ Text: text }), {
      abortSignal: signal,
    });
    if (Array.isArray(Entities)) return Entities;
  } catch (error) {
    throw awsFault(error, NAME, signal, usage);
  }
  throw new ProviderFault('unusable', `${NAME} did not answer in its form`, { usage });
}
