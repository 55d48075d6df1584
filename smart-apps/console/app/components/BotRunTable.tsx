/** Runs of bots as rows; each opens to what its stages did. */
import { useState } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Chip from '@mui/material/Chip';
import Link from '@mui/material/Link';
import { formatInstant } from '@dr-assistant/ui/format';
import { useWords } from '@dr-assistant/ui/i18n';
import { formatCosts, formatTook } from '../pure/amounts.ts';
import { costOf, RUN_STATUSES, type BotRun, type RunStatus } from '../pure/bot-run.ts';
import { pathTo } from '../routes.ts';
import { useText } from '../words.ts';
import { DataTable, type TableRowOf } from './DataTable.tsx';
import { StageTable } from './StageTable.tsx';

export function BotRunTable({ runs }: { runs: readonly BotRun[] }) {
  const t = useText();
  const words = useWords();
  const [open, setOpen] = useState<string>();
  const rowOf = (run: BotRun): TableRowOf => {
    const { id, bot, status, state, at, tookMs, stages } = run;
    const isOpen = open === id;
    const costs = costOf(run);
    return {
      key: id,
      cells: [
        <Link key="id" href={pathTo('resource', { type: 'Task', id })}>
          {id}
        </Link>,
        bot,
        <Status key="status" status={status} state={state} />,
        formatInstant(at, words),
        tookMs === undefined ? t('bots.no-time') : formatTook(tookMs, words.language),
        costs.length === 0 ? t('bots.no-cost') : formatCosts(costs, words.language),
        <Button
          key="stages"
          disabled={stages.length === 0}
          aria-expanded={isOpen}
          aria-label={t('bots.stage-count-of', { count: stages.length, id })}
          onClick={() => setOpen(isOpen ? undefined : id)}
        >
          {t('bots.stage-count', { count: stages.length })}
        </Button>,
      ],
      ...(isOpen ? { below: <StageTable run={run} /> } : {}),
    };
  };
  return (
    <DataTable
      label={t('bots.run-table')}
      columns={[t('bots.task'), t('bots.bot'), t('bots.status'), t('bots.when'), t('bots.time'), t('bots.cost'), t('bots.stages')]} // prettier-ignore
      rows={runs.map(rowOf)}
      none={t('bots.none')}
    />
  );
}

const COLOURS: Readonly<Record<string, 'success' | 'error' | 'warning'>> = {
  completed: 'success',
  failed: 'error',
  'on-hold': 'warning',
};

function Status({ status, state }: { status: string; state: string }) {
  const t = useText();
  const isKnown = (RUN_STATUSES as readonly string[]).includes(status);
  const label = isKnown ? t(`task-status.${status as RunStatus}`) : status;
  return (
    <Box>
      <Chip size="small" variant="outlined" label={label} color={COLOURS[status] ?? 'default'} />
      <Box sx={{ mt: 0.5, overflowWrap: 'anywhere' }}>{state}</Box>
    </Box>
  );
}
