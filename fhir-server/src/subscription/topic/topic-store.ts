/** The topics that are stored, compiled once per version. */
import type { Basic, Subscription } from '@medplum/fhirtypes';
import type { Queryable } from '../../db/index.ts';
import { FhirError } from '../../fhir/outcome.ts';
import { ALL, parseConditions, type SearchParameterRegistry } from '../../search/index.ts';
import { findIds, type StoredVersion } from '../../storage/index.ts';
import type { CriteriaContext } from '../criteria.ts';
import { compileTopic, type CompiledTopic } from './compile-topic.ts';
import { parseTopic, TOPIC_QUERY } from './parse-topic.ts';

const TOPICS_MAX = 1_000;

export interface Topics {
  /** By canonical without version; of several with the same, that which was written last. */
  load(db: Queryable): Promise<ReadonlyMap<string, CompiledTopic>>;
}

/** Told of each stored version that cannot be understood, once for each state of the search parameters. */
export type NotUnderstood = (id: string, versionId: number) => void;

/** Reads through to the database on each call, as Subscriptions are. */
export function createTopics(
  context: CriteriaContext,
  notUnderstood: NotUnderstood = () => undefined,
): Topics {
  let compiled = new Map<string, CompiledTopic | undefined>();
  let known: ReadonlyMap<string, CompiledTopic> = new Map();
  let knownNames = '';
  let revision = context.registry.revision;
  return {
    async load(db) {
      const stored = await loadStored(db, context);
      const names = stored.map(nameOf).join(' ');
      // What a topic means, and whether it is understood, changes with the search parameters.
      if (revision !== context.registry.revision) {
        compiled.clear();
        knownNames = '';
        revision = context.registry.revision;
      }
      if (names === knownNames) return known;
      compiled = new Map(
        stored.map((version) => {
          const name = nameOf(version);
          if (compiled.has(name)) return [name, compiled.get(name)];
          const topic = compileStored(version, context);
          if (topic === undefined) notUnderstood(version.id, version.versionId);
          return [name, topic];
        }),
      );
      known = new Map(
        [...compiled.values()].flatMap((topic) => (topic ? [[topic.url, topic] as const] : [])),
      );
      knownNames = names;
      return known;
    },
  };
}

/** From the oldest to the newest. */
async function loadStored(db: Queryable, context: CriteriaContext): Promise<StoredVersion[]> {
  const { rows } = await db.query<{ known: boolean }>({
    name: 'basic_table',
    text: `select to_regclass('fhir."Basic"') is not null as known`,
  });
  if (rows[0]?.known !== true) return [];
  const { registry } = context;
  const filter = parseConditions('Basic', TOPIC_QUERY, { ...context, isRight: true });
  const found = await findIds(db, registry, 'Basic', filter, ALL, TOPICS_MAX);
  return found.sort((a, b) => a.lastUpdated - b.lastUpdated);
}

const nameOf = ({ id, versionId }: StoredVersion): string => `${id}/${versionId}`;

/** Undefined when it can no longer be understood: it then triggers nothing. */
function compileStored({ content }: StoredVersion, context: CriteriaContext): CompiledTopic | undefined {
  try {
    return compileTopic(parseTopic(JSON.parse(content) as Basic), context);
  } catch (error) {
    if (error instanceof FhirError) return undefined;
    throw error;
  }
}

/** A canonical may name a version. */
export function findTopic(
  topics: ReadonlyMap<string, CompiledTopic>,
  canonical: string,
): CompiledTopic | undefined {
  const [url = '', version] = canonical.split('|');
  const topic = topics.get(url);
  return version === undefined || version === topic?.version ? topic : undefined;
}

const stores = new WeakMap<SearchParameterRegistry, Topics>();

/** The topic of one Subscription, in a process that keeps no topics of its own; undefined when it is there no more. */
export async function loadTopicOf(
  db: Queryable,
  { criteria }: Pick<Subscription, 'criteria'>,
  context: CriteriaContext,
): Promise<CompiledTopic | undefined> {
  let topics = stores.get(context.registry);
  if (!topics) stores.set(context.registry, (topics = createTopics(context)));
  return findTopic(await topics.load(db), criteria);
}
