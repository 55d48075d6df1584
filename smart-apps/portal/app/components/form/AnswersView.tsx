/** Questions and answers to read: before they are sent, and afterwards. */
import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import { useWords } from '@dr-assistant/ui/i18n';
import { formatAnswer } from '../../forms/format-answer.ts';
import { isAnswered, type Items } from '../../forms/tree.ts';

export function AnswersView({ items }: { items: Items }) {
  const words = useWords();
  return items.map((item, i) => {
    const answers = (item.answer ?? []).filter(isAnswered);
    const nested = [...(item.item ?? []), ...answers.flatMap((a) => a.item ?? [])];
    const isGroup = answers.length === 0;
    return (
      <Box key={`${item.linkId}.${i}`} sx={{ mt: isGroup ? 2 : 1 }}>
        <Typography
          component={isGroup ? 'h2' : 'div'}
          variant={isGroup ? 'h3' : 'body2'}
          color={isGroup ? 'text.primary' : 'text.secondary'}
        >
          {item.text ?? item.linkId}
        </Typography>
        {answers.map((answer, n) => (
          <Typography key={n} sx={{ whiteSpace: 'pre-line', overflowWrap: 'anywhere' }}>
            {formatAnswer(answer, words)}
          </Typography>
        ))}
        {nested.length > 0 && (
          <Box sx={{ pl: 2, borderLeft: 3, borderColor: 'divider' }}>
            <AnswersView items={nested} />
          </Box>
        )}
      </Box>
    );
  });
}
