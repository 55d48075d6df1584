/** Standing phrases of a template, each put into the note when it is pressed. */
import Chip from '@mui/material/Chip';
import Stack from '@mui/material/Stack';
import { useText } from '../words.ts';

interface Props {
  readonly phrases: readonly string[];
  /** Of the section. */
  readonly title: string;
  readonly onChoose: (phrase: string) => void;
}

export function Phrases({ phrases, title, onChoose }: Props) {
  const t = useText();
  if (phrases.length === 0) return null;
  return (
    <Stack
      direction="row"
      spacing={1}
      useFlexGap
      role="group"
      aria-label={t('template.phrases', { section: title })}
      sx={{ flexWrap: 'wrap', mt: 1 }}
    >
      {phrases.map((phrase) => (
        <Chip
          key={phrase}
          variant="outlined"
          label={phrase}
          aria-label={t('template.insert', { phrase })}
          onClick={() => onChoose(phrase)}
        />
      ))}
    </Stack>
  );
}
