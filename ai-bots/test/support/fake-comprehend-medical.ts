/** Comprehend Medical over HTTP: finds what the test tells it to know, with offsets in code points and the real limits. */
import { awsAnswer, awsError, signatureFault, targetOf } from './fake-aws.ts';
import { serve, type Behaviour, type FakeHttp } from './fake-http.ts';

/** Fields of the answer's entity besides its place, for each place where `phrase` occurs. */
export interface Known {
  readonly phrase: string;
  readonly entity: Readonly<Record<string, unknown>>;
}

export interface FakeComprehend extends FakeHttp {
  /** What an operation knows, e.g. of `DetectEntitiesV2`. */
  knows(operation: string, known: readonly Known[]): void;
  /** Of the next call; `usual` for one that is answered from what is known. */
  next(behaviour: Behaviour | 'usual'): void;
  /** Texts of the calls so far, by operation. */
  texts(operation: string): readonly string[];
}

const LIMITS: Readonly<Record<string, number>> = {
  DetectEntitiesV2: 20_000,
  InferICD10CM: 10_000,
  InferRxNorm: 10_000,
  InferSNOMEDCT: 5_000,
};

export async function fakeComprehend(): Promise<FakeComprehend> {
  const queue: (Behaviour | 'usual')[] = [];
  const lexicon = new Map<string, readonly Known[]>();
  const fake = await serve((asked) => {
    const planned = queue.shift();
    if (planned !== undefined && planned !== 'usual') return planned;
    const fault = signatureFault(asked);
    if (fault !== undefined) return fault;
    const operation = targetOf(asked);
    const { Text } = JSON.parse(asked.body.toString()) as { Text: string };
    const limit = LIMITS[operation];
    if (limit === undefined) return awsError(400, 'UnknownOperationException');
    if (Text === '') return awsError(400, 'ValidationException', 'text too short');
    if (Buffer.byteLength(Text) > limit)
      return awsError(400, 'TextSizeLimitExceededException', Text.slice(0, 50));
    const found = (lexicon.get(operation) ?? []).flatMap((known) => occurrences(Text, known));
    return awsAnswer({
      Entities: found.map((entity, Id) => ({ Id, ...entity })),
      ModelVersion: '2.1.0',
      ...(operation === 'DetectEntitiesV2' ? { UnmappedAttributes: [] } : {}),
    });
  });
  return {
    ...fake,
    knows: (operation, known) => void lexicon.set(operation, known),
    next: (behaviour) => void queue.push(behaviour),
    texts: (operation) =>
      fake.asked
        .filter((a) => targetOf(a) === operation)
        .map((a) => (JSON.parse(a.body.toString()) as { Text: string }).Text),
  };
}

function occurrences(text: string, { phrase, entity }: Known): object[] {
  const found: object[] = [];
  for (let at = text.indexOf(phrase); at >= 0; at = text.indexOf(phrase, at + 1)) {
    const BeginOffset = [...text.slice(0, at)].length;
    found.push({
      Text: phrase,
      BeginOffset,
      EndOffset: BeginOffset + [...phrase].length,
      Score: 0.99,
      Traits: [],
      ...entity,
    });
  }
  return found;
}
