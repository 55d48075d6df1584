/** The summarise stage by a chat model: what the chart says that matters today, each sentence with its facts. */
import type { SummariseProvider, Summary } from '../stages.ts';
import { SUMMARY_TITLES } from '../summary-title.ts';
import { describe, type ChatModel } from './chat-provider.ts';
import { createForm, fillIn, list, object } from './form.ts';
import { sourcesIn } from './source.ts';

interface SummaryForm {
  readonly sections: readonly {
    readonly title: string;
    readonly sentences: readonly { readonly text: string; readonly facts: readonly string[] }[];
  }[];
}

const form = createForm<SummaryForm>(
  'summary',
  object({
    sections: list(
      object({
        title: { type: 'string', enum: SUMMARY_TITLES },
        sentences: list(object({ text: { type: 'string' }, facts: list({ type: 'string' }) })),
      }),
    ),
  }),
);

const task = `You summarise a patient's chart for the clinician who sees the patient next, and who has a minute to read it.
Write only what the facts say. Add no fact, number, date, drug, diagnosis or advice of your own, and nothing that is likely but does not stand there. Where facts contradict each other, say both.
Begin with what bears on the reason for the visit, if there is one, under the title Today; then active problems, medications, allergies, recent results and visits, each under its own title. Leave out no allergy and no medication. Keep what is denied, stopped or on hold as it stands there. Short sentences in clinical style.
Each sentence names the ids of all the facts that it rests on, and of no others.`;

export function chatSummariseProvider(chat: ChatModel): SummariseProvider {
  return {
    ...describe(chat, task, form.schema),
    refusal: ({ facts }) => (facts.length === 0 ? 'the chart holds no facts' : undefined),
    async run({ facts, reason }, signal) {
      // References of the server stay here; the model gets short ids.
      const ids = new Map(facts.map(({ reference }, i) => [`f${i + 1}`, reference]));
      const data = {
        reason: reason ?? null,
        facts: facts.map(({ category, text, date }, i) => ({
          id: `f${i + 1}`,
          category,
          date: date ?? null,
          text,
        })),
      };
      const answer = await fillIn(chat.endpoint, { model: chat.model, task, data, form }, signal);
      const { usage } = answer;
      const sources = sourcesIn([...ids.keys()], chat.endpoint.name, usage);
      const referencesOf = (named: readonly string[]): string[] => [
        ...new Set(sources(named).flatMap((id) => ids.get(id) ?? [])),
      ];
      return { output: toSummary(answer.form, referencesOf), usage };
    },
  };
}

function toSummary(
  { sections }: SummaryForm,
  referencesOf: (named: readonly string[]) => readonly string[],
): Summary {
  return {
    sections: sections.flatMap(({ title, sentences }) => {
      const own = sentences
        .map(({ text, facts }) => ({ text: text.trim(), source: referencesOf(facts) }))
        .filter(({ text }) => text !== '');
      return own.length === 0 ? [] : [{ title, sentences: own }];
    }),
  };
}
