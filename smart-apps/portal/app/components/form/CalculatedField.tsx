/** What is calculated or only shown: the value, read out when it changes. */
import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import { useWords } from '@dr-assistant/ui/i18n';
import { LiveRegion } from '@dr-assistant/ui/layout';
import { formatAnswer } from '../../forms/format-answer.ts';
import type { Answer } from '../../forms/tree.ts';
import { useText } from '../../words.ts';

export function CalculatedField({ label, answers }: { label: string; answers: readonly Answer[] }) {
  const t = useText();
  const words = useWords();
  const value = answers.map((a) => formatAnswer(a, words)).join(', ');
  return (
    <Box sx={{ p: 1.5, border: 1, borderColor: 'divider', borderRadius: 1 }}>
      <LiveRegion>
        <Typography component="span">{label}</Typography>{' '}
        <Typography component="span" sx={{ fontWeight: 700 }}>
          {value === '' ? t('form.not-yet') : value}
        </Typography>
      </LiveRegion>
    </Box>
  );
}
