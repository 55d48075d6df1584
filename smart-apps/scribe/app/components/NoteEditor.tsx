/** The drafted note: each sentence shows its source words, and can be changed, removed, or followed by another. */
import { useState } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import ButtonBase from '@mui/material/ButtonBase';
import Stack from '@mui/material/Stack';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import type { NoteSection, NoteSentence } from '../api/note-draft.ts';
import { useText } from '../words.ts';

interface Props {
  readonly sections: readonly NoteSection[];
  readonly chosen: string | undefined;
  readonly isFinal: boolean;
  readonly onChoose: (sentence: NoteSentence) => void;
  readonly onChange: (sections: readonly NoteSection[]) => void;
}

export function NoteEditor({ sections, chosen, isFinal, onChoose, onChange }: Props) {
  const t = useText();
  const [editing, setEditing] = useState<string>();
  const inSection = (
    code: string,
    change: (sentences: readonly NoteSentence[]) => readonly NoteSentence[],
  ): void => onChange(sections.map((s) => (s.code === code ? { ...s, sentences: change(s.sentences) } : s)));
  const add = (code: string): void => {
    const id = `added-${crypto.randomUUID()}`;
    inSection(code, (sentences) => [...sentences, { id, text: '', source: [] }]);
    setEditing(id);
  };
  return (
    <Stack spacing={3}>
      {sections.map((section) => (
        <Box component="section" key={section.code} aria-label={section.title}>
          <Typography variant="h2" gutterBottom>
            {section.title}
          </Typography>
          {section.sentences.length === 0 && (
            <Typography color="text.secondary">{t('note.empty')}</Typography>
          )}
          <Stack spacing={0.5}>
            {section.sentences.map((sentence) =>
              editing === sentence.id ? (
                <SentenceField
                  key={sentence.id}
                  sentence={sentence}
                  onDone={(text) => {
                    setEditing(undefined);
                    inSection(section.code, (all) =>
                      text === ''
                        ? all.filter((s) => s.id !== sentence.id)
                        : all.map((s) => (s.id === sentence.id ? { id: s.id, text, source: s.source } : s)),
                    );
                  }}
                />
              ) : (
                <Stack direction="row" key={sentence.id} spacing={1} sx={{ alignItems: 'start' }}>
                  <ButtonBase
                    aria-pressed={chosen === sentence.id}
                    onClick={() => onChoose(sentence)}
                    sx={{
                      flex: 1,
                      justifyContent: 'start',
                      textAlign: 'left',
                      font: 'inherit',
                      p: 1,
                      borderRadius: 1,
                      bgcolor: chosen === sentence.id ? 'mark.main' : 'transparent',
                      '&:hover, &:focus-visible': { bgcolor: 'mark.hover' },
                    }}
                  >
                    <span>
                      {sentence.text}
                      {!isFinal && sentence.unsupported !== undefined && (
                        <Typography
                          component="span"
                          variant="body2"
                          sx={{ display: 'block', color: 'warning.main' }}
                        >
                          {t('note.check', { reason: sentence.unsupported })}
                        </Typography>
                      )}
                    </span>
                  </ButtonBase>
                  {!isFinal && (
                    <Button
                      size="small"
                      onClick={() => setEditing(sentence.id)}
                      aria-label={t('note.edit-of', { sentence: sentence.text })}
                    >
                      {t('note.edit')}
                    </Button>
                  )}
                </Stack>
              ),
            )}
          </Stack>
          {!isFinal && (
            <Button size="small" onClick={() => add(section.code)}>
              {t('note.add', { section: section.title })}
            </Button>
          )}
        </Box>
      ))}
    </Stack>
  );
}

function SentenceField({ sentence, onDone }: { sentence: NoteSentence; onDone: (text: string) => void }) {
  const t = useText();
  const [text, setText] = useState(sentence.text);
  return (
    <Stack direction="row" spacing={1}>
      <TextField
        label={t('note.sentence')}
        value={text}
        onChange={(event) => setText(event.target.value)}
        multiline
        fullWidth
        size="small"
        autoFocus
      />
      <Button onClick={() => onDone(text.trim())}>{t('note.keep')}</Button>
      <Button color="secondary" onClick={() => onDone('')}>
        {t('note.remove')}
      </Button>
    </Stack>
  );
}
