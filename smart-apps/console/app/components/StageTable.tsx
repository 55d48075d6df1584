/** What the stages of a run did: each provider that was asked, with its time as a bar. */
import Box from '@mui/material/Box';
import { useWords } from '@dr-assistant/ui/i18n';
import { formatCosts, formatTook } from '../pure/amounts.ts';
import type { BotRun } from '../pure/bot-run.ts';
import { useText } from '../words.ts';
import { DataTable } from './DataTable.tsx';
import { useOutcomeWords } from './outcome-words.ts';

export function StageTable({ run: { id, stages } }: { run: BotRun }) {
  const t = useText();
  const { language } = useWords();
  const outcomeWords = useOutcomeWords();
  const longest = Math.max(1, ...stages.flatMap(({ asked }) => asked.map(({ ms = 0 }) => ms)));
  return (
    <DataTable
      label={t('bots.stages-of', { id })}
      columns={[t('bots.stage'), t('bots.provider'), t('bots.outcome'), t('bots.time'), t('bots.cost')]}
      rows={stages.flatMap(({ stage, asked }, i) =>
        asked.map(({ provider, outcome, ms, cost }, j) => ({
          key: `${i} ${j}`,
          cells: [
            stage,
            provider,
            outcomeWords(outcome),
            ms === undefined ? (
              t('bots.not-asked')
            ) : (
              <Bar key="time" share={ms / longest} text={formatTook(ms, language)} />
            ),
            cost === undefined ? t('bots.no-cost') : formatCosts([cost], language),
          ],
        })),
      )}
      none={t('bots.no-stages')}
    />
  );
}

/** The text beside it says the same. */
function Bar({ share, text }: { share: number; text: string }) {
  return (
    <Box sx={{ display: 'flex', gap: 1, alignItems: 'center', minWidth: '14rem' }}>
      <Box aria-hidden="true" sx={{ flex: '1 1 auto' }}>
        <Box sx={{ width: `${Math.max(share * 100, 1)}%`, height: 10, bgcolor: 'primary.main' }} />
      </Box>
      <Box component="span" sx={{ flex: '0 0 5rem', textAlign: 'right' }}>
        {text}
      </Box>
    </Box>
  );
}
