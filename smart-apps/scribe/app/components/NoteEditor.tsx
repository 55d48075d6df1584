/** The drafted note: each sentence shows its source words, and can be changed, removed, or followed by another. */
import { useEffect, useRef, useState } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Stack from '@mui/material/Stack';
import Typography from '@mui/material/Typography';
import type { NoteSection, NoteSentence } from '../api/note-draft.ts';
import { useText } from '../words.ts';
import { Phrases } from './Phrases.tsx';
import { SentenceField } from './SentenceField.tsx';
import { SentenceLine } from './SentenceLine.tsx';

interface Props {
  readonly sections: readonly NoteSection[];
  readonly chosen: string | undefined;
  readonly isFinal: boolean;
  /** What the clinic's template has for a section and the note has not. */
  readonly phrasesOf: (section: NoteSection) => readonly string[];
  readonly onChoose: (sentence: NoteSentence) => void;
  readonly onChange: (sections: readonly NoteSection[]) => void;
}

/** The sentence that is written: one of the note, or a new one of a section. */
type Written = { readonly id: string } | { readonly code: string };

export function NoteEditor({ sections, chosen, isFinal, phrasesOf, onChoose, onChange }: Props) {
  const t = useText();
  const place = useRef<HTMLDivElement>(null);
  const [written, setWritten] = useState<Written>();
  const [left, setLeft] = useState<string>();
  useEffect(() => {
    // Whoever writes by keyboard goes on where he was.
    if (left !== undefined) place.current?.querySelector<HTMLElement>(left)?.focus();
  }, [left]);
  const inSection = (
    code: string,
    change: (sentences: readonly NoteSentence[]) => readonly NoteSentence[],
  ): void => onChange(sections.map((s) => (s.code === code ? { ...s, sentences: change(s.sentences) } : s)));
  const write = (next: Written): void => {
    setLeft(undefined);
    setWritten(next);
  };
  const leave = (code: string, id: string | undefined): void => {
    setWritten(undefined);
    const ofSection = `[data-section="${CSS.escape(code)}"]`;
    setLeft(
      id === undefined ? `${ofSection} [data-add]` : `${ofSection} [data-sentence="${CSS.escape(id)}"]`,
    );
  };
  const add = (code: string, text: string | undefined): void => {
    const id = `added-${crypto.randomUUID()}`;
    const isAdded = text !== undefined && text !== '';
    if (isAdded) inSection(code, (all) => [...all, { id, text, source: [] }]);
    leave(code, isAdded ? id : undefined);
  };
  const put = (code: string, { id, text: before, source }: NoteSentence, text: string | undefined): void => {
    const isGone = text === '';
    if (isGone) inSection(code, (all) => all.filter((s) => s.id !== id));
    else if (text !== undefined && text !== before)
      inSection(code, (all) => all.map((s) => (s.id === id ? { id, text, source } : s)));
    leave(code, isGone ? undefined : id);
  };
  return (
    <Stack spacing={3} ref={place}>
      {sections.map((section) => {
        const { code, title, sentences } = section;
        const isNew = written !== undefined && 'code' in written && written.code === code;
        return (
          <Box component="section" key={code} aria-label={title} data-section={code}>
            <Typography variant="h2" gutterBottom>
              {title}
            </Typography>
            {sentences.length === 0 && <Typography color="text.secondary">{t('note.empty')}</Typography>}
            <Stack spacing={0.5}>
              {sentences.map((sentence) =>
                written !== undefined && 'id' in written && written.id === sentence.id ? (
                  <SentenceField
                    key={sentence.id}
                    text={sentence.text}
                    onDone={(text) => put(code, sentence, text)}
                  />
                ) : (
                  <SentenceLine
                    key={sentence.id}
                    sentence={sentence}
                    isChosen={chosen === sentence.id}
                    isFinal={isFinal}
                    onChoose={() => onChoose(sentence)}
                    onEdit={() => write({ id: sentence.id })}
                  />
                ),
              )}
              {isNew && <SentenceField text="" onDone={(text) => add(code, text)} />}
            </Stack>
            {!isFinal && (
              <Phrases phrases={phrasesOf(section)} title={title} onChoose={(text) => add(code, text)} />
            )}
            {!isFinal && !isNew && (
              <Button size="small" data-add onClick={() => write({ code })}>
                {t('note.add', { section: title })}
              </Button>
            )}
          </Box>
        );
      })}
    </Stack>
  );
}
