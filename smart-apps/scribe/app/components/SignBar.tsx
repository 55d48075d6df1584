/** The end of a review: the note can be signed when everything that is proposed has been decided. */
import Button from '@mui/material/Button';
import Stack from '@mui/material/Stack';
import Typography from '@mui/material/Typography';
import { useText } from '../words.ts';

interface Props {
  /** Undefined while the note cannot be signed. */
  readonly onSign: (() => void) | undefined;
  /** Numbers of proposals. */
  readonly undecided: number;
  readonly all: number;
}

export function SignBar({ onSign, undecided, all }: Props) {
  const t = useText();
  return (
    <Stack direction="row" spacing={2} sx={{ alignItems: 'center', flexWrap: 'wrap' }}>
      <Button variant="contained" size="large" disabled={onSign === undefined} onClick={onSign}>
        {t('review.sign-note')}
      </Button>
      {undecided > 0 && (
        <Typography color="text.secondary">{t('review.open', { undecided, all })}</Typography>
      )}
    </Stack>
  );
}
