/** A sentence while it is written: Enter keeps it, Escape leaves it as it was. */
import { useState, type KeyboardEvent } from 'react';
import Button from '@mui/material/Button';
import Stack from '@mui/material/Stack';
import TextField from '@mui/material/TextField';
import { useText } from '../words.ts';

interface Props {
  readonly text: string;
  /** Undefined: as it was; empty: it is removed. */
  readonly onDone: (text: string | undefined) => void;
}

export function SentenceField({ text: before, onDone }: Props) {
  const t = useText();
  const [text, setText] = useState(before);
  const onKeyDown = (event: KeyboardEvent): void => {
    // Enter also ends the choice of an input method.
    const isKept =
      event.key === 'Enter' && !event.shiftKey && !event.ctrlKey && !event.nativeEvent.isComposing;
    if (!isKept && event.key !== 'Escape') return;
    event.preventDefault();
    onDone(isKept ? text.trim() : undefined);
  };
  return (
    <Stack direction="row" spacing={1}>
      <TextField
        label={t('note.sentence')}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
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
