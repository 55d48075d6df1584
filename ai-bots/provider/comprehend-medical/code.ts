/** The code stage by Comprehend Medical: ICD-10-CM, RxNorm and SNOMED CT where the service is certain. */
import {
  ComprehendMedicalClient,
  InferICD10CMCommand,
  InferRxNormCommand,
  InferSNOMEDCTCommand,
} from '@aws-sdk/client-comprehendmedical';
import type { ClinicalEntity } from '../../clinical/index.ts';
import { ProviderFault } from '../../orchestrator/provider.ts';
import { clientConfig, type AwsConnection } from '../aws/connection.ts';
import { awsFault } from '../aws/fault.ts';
import type { CodeProvider } from '../stages.ts';
import { chunksOf, type Chunk } from './chunk.ts';
import { NAME, VERSION } from './extract.ts';

export interface CodeSettings {
  /** The first concept must have at least this score, and the second at least `gapMin` less. */
  readonly scoreMin: number;
  readonly gapMin: number;
  readonly snomed: boolean;
}

/** The least of the three operations' limits. */
const TEXT_MAX_BYTES = 5_000;
/** Denied or supposed, an entity becomes no finding and needs no code. */
const EXCLUDED: readonly string[] = ['NEGATION', 'HYPOTHETICAL', 'LOW_CONFIDENCE'];

type Concept = ClinicalEntity['concepts'][number];
type Category = ClinicalEntity['category'];

interface Inferred {
  readonly BeginOffset?: number | undefined;
  readonly EndOffset?: number | undefined;
  readonly candidates: readonly Candidate[];
}
interface Candidate {
  readonly Code?: string | undefined;
  readonly Description?: string | undefined;
  readonly Score?: number | undefined;
}

interface Ontology {
  readonly system: string;
  readonly category: Category;
  /** Undefined when the answer has no list of entities. */
  infer(text: string, signal: AbortSignal): Promise<readonly Inferred[] | undefined>;
}

export function comprehendCodeProvider(connection: AwsConnection, settings: CodeSettings): CodeProvider {
  const client = new ComprehendMedicalClient(clientConfig(connection));
  const ontologies = ontologiesOf(client, settings.snomed);
  return {
    name: NAME,
    version: VERSION,
    model: settings.snomed ? 'ICD-10-CM, RxNorm, SNOMED CT' : 'ICD-10-CM, RxNorm',
    party: 'third-party',
    parameters: `${settings.scoreMin} ${settings.gapMin}`,
    refusal: () => undefined,
    async run({ entities }, signal) {
      const found = new Map<string, Concept[]>();
      let characters = 0;
      for (const ontology of ontologies) {
        for (const chunk of chunksOf(linesOf(entities, ontology.category), TEXT_MAX_BYTES)) {
          const inferred = await ask(ontology, chunk, signal, characters);
          characters += chunk.characters;
          for (const [text, concept] of certain(chunk, inferred, ontology.system, settings)) {
            const key = keyOf(ontology.category, text);
            found.set(key, [...(found.get(key) ?? []), concept]);
          }
        }
      }
      const coded = entities.map((entity) => {
        const concepts = isOpen(entity) ? found.get(keyOf(entity.category, entity.text)) : undefined;
        return concepts === undefined ? entity : { ...entity, concepts };
      });
      return { output: coded, usage: { characters } };
    },
  };
}

function ontologiesOf(client: ComprehendMedicalClient, snomed: boolean): readonly Ontology[] {
  const all: readonly (Ontology | false)[] = [
    {
      system: 'http://hl7.org/fhir/sid/icd-10-cm',
      category: 'MEDICAL_CONDITION',
      async infer(Text, abortSignal) {
        const { Entities } = await client.send(new InferICD10CMCommand({ Text }), { abortSignal });
        return Entities?.map((e) => ({ ...e, candidates: e.ICD10CMConcepts ?? [] }));
      },
    },
    {
      system: 'http://www.nlm.nih.gov/research/umls/rxnorm',
      category: 'MEDICATION',
      async infer(Text, abortSignal) {
        const { Entities } = await client.send(new InferRxNormCommand({ Text }), { abortSignal });
        return Entities?.map((e) => ({ ...e, candidates: e.RxNormConcepts ?? [] }));
      },
    },
    snomed && {
      system: 'http://snomed.info/sct',
      category: 'MEDICAL_CONDITION',
      async infer(Text, abortSignal) {
        const { Entities } = await client.send(new InferSNOMEDCTCommand({ Text }), { abortSignal });
        return Entities?.map((e) => ({ ...e, candidates: e.SNOMEDCTConcepts ?? [] }));
      },
    },
  ];
  return all.filter((o) => o !== false);
}

const isOpen = ({ concepts, traits }: ClinicalEntity): boolean =>
  concepts.length === 0 && !traits.some((t) => EXCLUDED.includes(t.name));

const normal = (text: string): string => text.replace(/\s+/g, ' ').trim();
const keyOf = (category: Category, text: string): string => `${category} ${normal(text).toLowerCase()}`;

/** Each text once, whatever how often it was said. */
function linesOf(entities: readonly ClinicalEntity[], category: Category): { id: string; text: string }[] {
  const texts = new Map(
    entities
      .filter((e) => e.category === category && isOpen(e))
      .map(({ text }) => [keyOf(category, text), normal(text)]),
  );
  return [...texts.values()].map((text) => ({ id: text, text: `${text}.` }));
}

async function ask(
  ontology: Ontology,
  { text }: Chunk,
  signal: AbortSignal,
  billed: number,
): Promise<readonly Inferred[]> {
  const usage = { characters: billed };
  const inferred = await ontology.infer(text, signal).catch((error: unknown) => {
    throw awsFault(error, NAME, signal, usage);
  });
  if (inferred === undefined)
    throw new ProviderFault('unusable', `${NAME} did not answer in its form`, { usage });
  return inferred;
}

/** Only what the service reads as the same thing: the whole line, and nothing else in it. */
function certain(
  { pieces }: Chunk,
  inferred: readonly Inferred[],
  system: string,
  { scoreMin, gapMin }: CodeSettings,
): [text: string, concept: Concept][] {
  return pieces.flatMap(({ id, start, end }): [string, Concept][] => {
    const inside = inferred.filter((e) => (e.BeginOffset ?? -1) < end && (e.EndOffset ?? -1) > start);
    const [only, ...others] = inside;
    const isWhole = only?.BeginOffset === start && (only.EndOffset ?? 0) >= end - 1;
    if (only === undefined || others.length > 0 || !isWhole) return [];
    const [first, second] = only.candidates.toSorted((a, b) => (b.Score ?? 0) - (a.Score ?? 0));
    if (first?.Code === undefined || (first.Score ?? 0) < scoreMin) return [];
    if ((first.Score ?? 0) - (second?.Score ?? 0) < gapMin) return [];
    return [[id, { system, code: first.Code, display: first.Description ?? id }]];
  });
}
