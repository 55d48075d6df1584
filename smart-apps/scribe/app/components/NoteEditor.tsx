/** The drafted note: each sentence shows its source words, and can be changed, removed, or followed by another. */
import { useState } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import ButtonBase from '@mui/material/ButtonBase';
import Stack from '@mui/material/Stack';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import type { NoteSection, NoteSentence } from '../api/note-draft.ts';

interface Props {
  readonly sections: readonly NoteSection[];
  readonly chosen: string | undefined;
  readonly isFinal: boolean;
  readonly onChoose: (sentence: NoteSentence) => void;
  readonly onChange: (sections: readonly NoteSection[]) => void;
}

export function NoteEditor({ sections, chosen, isFinal, onChoose, onChange }: Props) {
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
            <Typography color="text.secondary">Nothing was said about this.</Typography>
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
                      bgcolor: chosen === sentence.id ? '#fff3d6' : 'transparent',
                      '&:hover, &:focus-visible': { bgcolor: '#e3eef0' },
                    }}
                  >
                    <span>
                      {sentence.text}
                      {!isFinal && sentence.unsupported !== undefined && (
                        <Typography
                          component="span"
                          variant="body2"
                          sx={{ display: 'block', color: '#8a3b00' }}
                        >
                          Please check: this sentence {sentence.unsupported}.
                        </Typography>
                      )}
                    </span>
                  </ButtonBase>
                  {!isFinal && (
                    <Button
                      size="small"
                      onClick={() => setEditing(sentence.id)}
                      aria-label={`Edit: ${sentence.text}`}
                    >
                      Edit
                    </Button>
                  )}
                </Stack>
              ),
            )}
          </Stack>
          {!isFinal && (
            <Button size="small" onClick={() => add(section.code)}>
              Add a sentence to {section.title}
            </Button>
          )}
        </Box>
      ))}
    </Stack>
  );
}

function SentenceField({ sentence, onDone }: { sentence: NoteSentence; onDone: (text: string) => void }) {
  const [text, setText] = useState(sentence.text);
  return (
    <Stack direction="row" spacing={1}>
      <TextField
        label="Sentence"
        value={text}
        onChange={(event) => setText(event.target.value)}
        multiline
        fullWidth
        size="small"
        autoFocus
      />
      <Button onClick={() => onDone(text.trim())}>Keep</Button>
      <Button color="secondary" onClick={() => onDone('')}>
        Remove
      </Button>
    </Stack>
  );
}
