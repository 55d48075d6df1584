/** The draft stage by a chat model: a note whose sentences name the segments that they rest on. */
import { SECTIONS, type SectionName } from '../../clinical/draft/section.ts';
import type { DraftedNote, DraftPatient, NoteSentence, Transcript } from '../../clinical/index.ts';
import { sourcesIn } from './source.ts';
import type { DraftProvider } from '../stages.ts';
import { describe, saysNothing, segmentsOf, type ChatModel } from './chat-provider.ts';
import { createForm, fillIn, list, object } from './form.ts';

interface DraftForm {
  readonly sections: readonly {
    readonly section: SectionName;
    readonly sentences: readonly { readonly text: string; readonly segments: readonly string[] }[];
  }[];
}

const form = createForm<DraftForm>(
  'note',
  object({
    sections: list(
      object({
        section: { type: 'string', enum: SECTIONS.map((s) => s.name) },
        sentences: list(object({ text: { type: 'string' }, segments: list({ type: 'string' }) })),
      }),
    ),
  }),
);

const task = (
  patient: DraftPatient,
): string => `You draft the note of a medical visit from its transcript. A clinician reviews, corrects and signs it.
Write only what the segments say. Add no fact, number, drug, diagnosis, code or advice of your own, and nothing that is likely but was not said. What was denied is written as denied. What was asked and not answered is left out, and so is small talk.
Sections: complaint is why the patient came, in one sentence; history is what the patient reports of it, and their earlier history; review is what was asked system by system; examination is what was examined and the vital signs; results are findings of tests and images; assessment is what the clinician thinks it is; plan is what was decided or ordered. Leave out a section that has no sentence.
Write short sentences in clinical style, in the language of the transcript, about the patient in the third person (${pronoun(patient)}). Keep numbers, units and names of drugs as they were said.
Each sentence names the ids of all the segments that it rests on, and of no others.`;

function pronoun({ gender }: DraftPatient): string {
  if (gender === 'female') return '"she"';
  return gender === 'male' ? '"he"' : '"they"';
}

export function chatDraftProvider(chat: ChatModel): DraftProvider {
  return {
    ...describe(chat, task({}), form.schema),
    refusal: ({ transcript }) => saysNothing(transcript),
    async run({ transcript, patient }, signal) {
      const data = { segments: segmentsOf(transcript) };
      const answer = await fillIn(
        chat.endpoint,
        { model: chat.model, task: task(patient), data, form },
        signal,
      );
      const { usage } = answer;
      return { output: toNote(answer.form, transcript, chat.endpoint.name, usage), usage };
    },
  };
}

/** Throws ProviderFault when a sentence names no segment, or one that there is not. */
function toNote(
  { sections }: DraftForm,
  transcript: Transcript,
  ...from: readonly [name: string, usage: object]
): DraftedNote {
  const sources = sourcesIn(
    transcript.segments.map((s) => s.id),
    ...from,
  );
  let count = 0;
  return {
    sections: SECTIONS.flatMap(({ name, code, title }) => {
      const sentences = sections
        .filter((s) => s.section === name)
        .flatMap((s) => s.sentences)
        .map(({ text, segments }): Omit<NoteSentence, 'id'> => ({
          text: text.trim(),
          source: sources(segments),
        }))
        .filter(({ text }) => text !== '')
        .map((sentence): NoteSentence => ({ id: `s${++count}`, ...sentence }));
      return sentences.length === 0 ? [] : [{ code, title, sentences }];
    }),
  };
}
