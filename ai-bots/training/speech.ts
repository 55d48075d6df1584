/** Trains the models that divide speech: where sentences end, which are questions, and who says them. */
import { hashed, quantise, trainLinear, type Example, type LinearModel } from '../clinical/model/index.ts';
import {
  changeFeatures,
  clean,
  gapFeatures,
  parseTranscript,
  questionFeatures,
  voiceFeatures,
} from '../clinical/transcript/index.ts';
import type { SpeechModels } from '../clinical/draft/turn.ts';

const BITS = { end: 16, question: 14, clinician: 14, change: 14 } as const;

interface Word {
  readonly text: string;
  /** What stands behind it. */
  readonly end: '.' | '?' | undefined;
}

/** The words of a dialogue without their punctuation; the end of a turn is the end of a sentence. */
function wordsOf(dialogue: string): Word[] {
  return parseTranscript(dialogue, 'text/plain').segments.flatMap(({ text }) => {
    const words = clean(text)
      .split(' ')
      .filter((word) => /[a-z0-9]/i.test(word));
    return words.map((word, i) => ({
      text: word.replace(/[.,!?;:]+$/, '').toLowerCase(),
      end: word.endsWith('?') ? '?' : /[.!;]$/.test(word) || i === words.length - 1 ? '.' : undefined,
    }));
  });
}

/** Only dialogues that are written with punctuation teach where it goes. */
const isPunctuated = (dialogue: string): boolean =>
  (dialogue.match(/[.?!]/g) ?? []).length > dialogue.split(/\s+/).length / 30;

const example = (names: readonly string[], bits: number, isRight: boolean): Example => ({
  features: hashed(names, bits),
  target: isRight ? 1 : 0,
  weight: 1,
});

function ends(dialogues: readonly string[]): { end: LinearModel; question: LinearModel } {
  const [gaps, questions]: [Example[], Example[]] = [[], []];
  for (const dialogue of dialogues.filter(isPunctuated)) {
    const said = wordsOf(dialogue);
    const words = said.map(({ text }) => text);
    let from = 0;
    said.forEach(({ end }, at) => {
      if (at < said.length - 1) gaps.push(example(gapFeatures(words, at, from), BITS.end, end !== undefined));
      if (end === undefined) return;
      questions.push(example(questionFeatures(words, from, at), BITS.question, end === '?'));
      from = at + 1;
    });
  }
  return {
    end: quantise(trainLinear(gaps, { bits: BITS.end, epochs: 4, rate: 0.3, l2: 1e-6 })),
    question: quantise(trainLinear(questions, { bits: BITS.question, epochs: 6, rate: 0.3, l2: 1e-6 })),
  };
}

function voices(dialogues: readonly string[]): { clinician: LinearModel; change: LinearModel } {
  const [own, changes]: [Example[], Example[]] = [[], []];
  for (const dialogue of dialogues) {
    const sentences = parseTranscript(dialogue, 'text/plain').segments.flatMap(({ role, text }) =>
      role === 'clinician' || role === 'patient'
        ? clean(text)
            .split(/(?<=[.?!])\s+/)
            .filter((sentence) => /[a-z]/i.test(sentence))
            .map((sentence) => ({ role, sentence }))
        : [],
    );
    sentences.forEach(({ role, sentence }, i) => {
      own.push(example(voiceFeatures(sentence), BITS.clinician, role === 'clinician'));
      const before = sentences[i - 1];
      if (before !== undefined)
        changes.push(example(changeFeatures(before.sentence, sentence), BITS.change, before.role !== role));
    });
  }
  const settings = { epochs: 6, rate: 0.2, l2: 1e-5 };
  return {
    clinician: quantise(trainLinear(own, { bits: BITS.clinician, ...settings })),
    change: quantise(trainLinear(changes, { bits: BITS.change, ...settings })),
  };
}

export const trainSpeech = (dialogues: readonly string[]): SpeechModels => ({
  ...ends(dialogues),
  ...voices(dialogues),
});
