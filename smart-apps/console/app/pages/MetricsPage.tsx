/** How the server does, as it goes: requests and their times, connections, the event loop, memory. */
import { useState } from 'react';
import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import { useWords } from '@dr-assistant/ui/i18n';
import { FaultAlert, PageHeading } from '@dr-assistant/ui/layout';
import { useFigures } from '../api/use-figures.ts';
import { Choice } from '../components/Choice.tsx';
import { LineChart, type ChartLine } from '../components/LineChart.tsx';
import { formatBytes, formatCount, formatRate, formatTook } from '../pure/amounts.ts';
import { busiest, type Sample } from '../pure/server-figures.ts';
import { useText } from '../words.ts';

const INTERACTIONS_MAX = 5;

export default function MetricsPage() {
  const t = useText();
  const { last, samples, fault } = useFigures();
  const [chosen, setChosen] = useState<string>();
  const processes = [...last.keys()];
  const shown = Number(chosen ?? processes[0]);
  const figures = last.get(shown);
  const seen = samples.get(shown) ?? [];
  return (
    <>
      <PageHeading title={t('metrics.title')} />
      <FaultAlert fault={fault} words={{ 403: t('app.forbidden') }} />
      {figures !== undefined && figures.processes > 1 && (
        <Box sx={{ display: 'flex', gap: 2, alignItems: 'center', flexWrap: 'wrap' }}>
          <Choice
            label={t('metrics.process')}
            value={String(shown)}
            options={processes.map((pid) => [String(pid), String(pid)] as const)}
            onChange={setChosen}
          />
          <Typography>{t('metrics.of-processes', { count: figures.processes })}</Typography>
        </Box>
      )}
      {seen.length === 0 ? (
        <Typography role="status">{t('metrics.first')}</Typography>
      ) : (
        <Charts samples={seen} />
      )}
    </>
  );
}

/** A line of each sample's value. */
const lineOf = (
  name: string,
  samples: readonly Sample[],
  valueOf: (sample: Sample) => number | undefined,
): ChartLine => ({ name, points: samples.map((sample) => ({ at: sample.at, value: valueOf(sample) })) });

function Charts({ samples }: { samples: readonly Sample[] }) {
  const t = useText();
  const { language } = useWords();
  const line = (name: string, valueOf: (sample: Sample) => number | undefined) =>
    lineOf(name, samples, valueOf);
  const names = busiest(samples, INTERACTIONS_MAX);
  const others = ({ perSecond }: Sample): number =>
    [...perSecond].reduce((sum, [name, rate]) => (names.includes(name) ? sum : sum + rate), 0);
  const rate = (value: number): string => formatRate(value, language);
  const took = (value: number): string => formatTook(value, language);
  const count = (value: number): string => formatCount(value, language);
  const bytes = (value: number): string => formatBytes(value, language);
  return (
    <Box
      sx={{ display: 'grid', gap: 2, gridTemplateColumns: 'repeat(auto-fit, minmax(min(26rem, 100%), 1fr))' }}
    >
      <LineChart
        title={t('metrics.requests')}
        format={rate}
        lines={[
          ...names.map((name) => line(name, ({ perSecond }) => perSecond.get(name) ?? 0)),
          line(t('metrics.others'), others),
        ]}
      />
      <LineChart
        title={t('metrics.durations')}
        format={took}
        lines={[line(t('metrics.p50'), (s) => s.p50Ms), line(t('metrics.p99'), (s) => s.p99Ms)]}
      />
      <LineChart
        title={t('metrics.errors')}
        format={rate}
        lines={[
          line(t('metrics.faults'), (s) => s.errorsPerSecond),
          line(t('metrics.refused'), (s) => s.refusedPerSecond),
        ]}
      />
      <LineChart
        title={t('metrics.pool')}
        format={count}
        lines={(['total', 'idle', 'waiting'] as const).map((state) =>
          line(t(`metrics.${state}`), (s) => s.figures.pool[state]),
        )}
      />
      <LineChart
        title={t('metrics.event-loop')}
        format={took}
        lines={[
          line(t('metrics.p50'), (s) => s.figures.eventLoopDelay.p50Ms),
          line(t('metrics.p99'), (s) => s.figures.eventLoopDelay.p99Ms),
        ]}
      />
      <LineChart
        title={t('metrics.memory')}
        format={bytes}
        lines={[
          line(t('metrics.rss'), (s) => s.figures.memory.rssBytes),
          line(t('metrics.heap'), (s) => s.figures.memory.heapUsedBytes),
        ]}
      />
      <LineChart
        title={t('metrics.in-flight')}
        format={count}
        lines={[line(t('metrics.in-flight-line'), (s) => s.figures.inFlight)]}
      />
    </Box>
  );
}
