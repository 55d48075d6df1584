/** How the providers of AI did in the runs that are listed. */
import { formatInstant } from '@dr-assistant/ui/format';
import { useWords } from '@dr-assistant/ui/i18n';
import { formatCosts, formatShare, formatTook } from '../pure/amounts.ts';
import type { BotRun } from '../pure/bot-run.ts';
import { providerHealth } from '../pure/provider-health.ts';
import { useText } from '../words.ts';
import { DataTable } from './DataTable.tsx';
import { useOutcomeWords } from './outcome-words.ts';

export function ProviderHealthTable({ runs }: { runs: readonly BotRun[] }) {
  const t = useText();
  const words = useWords();
  const outcomeWords = useOutcomeWords();
  const { language } = words;
  return (
    <DataTable
      label={t('bots.health-table')}
      columns={[t('bots.provider'), t('bots.stage'), t('bots.asked'), t('bots.answered'), t('bots.median'), t('bots.last-failure'), t('bots.cost')]} // prettier-ignore
      rows={providerHealth(runs).map(({ provider, stage, asked, answered, medianMs, lastFailure, cost }) => ({
        key: `${provider} ${stage}`,
        cells: [
          provider,
          stage,
          asked,
          formatShare(answered / asked, language),
          medianMs === undefined ? t('bots.no-answer') : formatTook(medianMs, language),
          lastFailure === undefined
            ? t('bots.no-failure')
            : t('bots.failure', {
                outcome: outcomeWords(lastFailure.outcome),
                at: formatInstant(lastFailure.at, words),
              }),
          cost.length === 0 ? t('bots.no-cost') : formatCosts(cost, language),
        ],
      }))}
      none={t('bots.no-providers')}
    />
  );
}
