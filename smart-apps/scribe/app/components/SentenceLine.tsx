/** A sentence of the note: choosing it shows what was said. */
import Button from '@mui/material/Button';
import ButtonBase from '@mui/material/ButtonBase';
import Stack from '@mui/material/Stack';
import Typography from '@mui/material/Typography';
import type { NoteSentence } from '../api/note-draft.ts';
import { isByKeyboard, ITEM, STOP } from '../hooks/use-review-keys.ts';
import { useText } from '../words.ts';

interface Props {
  readonly sentence: NoteSentence;
  readonly isChosen: boolean;
  readonly isFinal: boolean;
  readonly onChoose: () => void;
  readonly onEdit: () => void;
}

export function SentenceLine({
  sentence: { id, text, unsupported },
  isChosen,
  isFinal,
  onChoose,
  onEdit,
}: Props) {
  const t = useText();
  return (
    <Stack direction="row" spacing={1} sx={{ alignItems: 'start' }} {...ITEM}>
      <ButtonBase
        aria-pressed={isChosen}
        data-sentence={id}
        onClick={onChoose}
        onFocus={({ target }) => isByKeyboard(target) && onChoose()}
        sx={{
          flex: 1,
          justifyContent: 'start',
          textAlign: 'left',
          font: 'inherit',
          p: 1,
          borderRadius: 1,
          bgcolor: isChosen ? 'mark.main' : 'transparent',
          '&:hover, &:focus-visible': { bgcolor: 'mark.hover' },
        }}
        {...STOP}
      >
        <span>
          {text}
          {!isFinal && unsupported !== undefined && (
            <Typography component="span" variant="body2" sx={{ display: 'block', color: 'warning.main' }}>
              {t('note.check', { reason: unsupported })}
            </Typography>
          )}
        </span>
      </ButtonBase>
      {!isFinal && (
        <Button
          size="small"
          aria-keyshortcuts="e"
          aria-label={t('note.edit-of', { sentence: text })}
          onClick={onEdit}
        >
          {t('note.edit')}
        </Button>
      )}
    </Stack>
  );
}
