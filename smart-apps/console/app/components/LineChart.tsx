/** Lines over time, with the last value of each in words; all values stand in a table that can be opened. */
import { useId, useState } from 'react';
import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import { useWords } from '@dr-assistant/ui/i18n';
import { formatTime } from '../pure/amounts.ts';
import { ceilingOf, stretchesOf, type Point } from '../pure/chart-lines.ts';
import { useText } from '../words.ts';
import { DataTable } from './DataTable.tsx';
import { Panel } from './Panel.tsx';

export interface ChartLine {
  readonly name: string;
  readonly points: readonly Point[];
}

interface Props {
  readonly title: string;
  readonly lines: readonly ChartLine[];
  readonly format: (value: number) => string;
}

const WIDTH = 480;
const HEIGHT = 120;
/** Told apart without colours, too. */
const LOOKS = [
  { color: 'primary.main', dash: '' },
  { color: 'secondary.main', dash: '8 4' },
  { color: 'error.main', dash: '2 3' },
  { color: 'text.primary', dash: '12 4 2 4' },
  { color: 'warning.main', dash: '5 2' },
  { color: 'text.secondary', dash: '1 4' },
] as const;
const lookOf = (i: number) => LOOKS[i % LOOKS.length]!;

export function LineChart({ title, lines, format }: Props) {
  const t = useText();
  const { language } = useWords();
  const id = useId();
  const times = lines.flatMap(({ points }) => points.map(({ at }) => at));
  const [from, to] = [Math.min(...times), Math.max(...times)];
  const ceiling = ceilingOf(lines.map(({ points }) => points));
  const box = { from, to, ceiling, width: WIDTH, height: HEIGHT };
  return (
    <Panel title={title}>
      <Box component="figure" aria-labelledby={id} sx={{ m: 0, width: '100%' }}>
        <Box
          component="svg"
          aria-hidden="true"
          viewBox={`-2 -4 ${WIDTH + 4} ${HEIGHT + 8}`}
          sx={{
            display: 'block',
            width: '100%',
            maxWidth: 640,
            borderLeft: 1,
            borderBottom: 1,
            borderColor: 'divider',
          }}
        >
          {lines.map(({ name, points }, i) => (
            <Box component="g" key={name} sx={{ color: lookOf(i).color }}>
              {stretchesOf(points, box).map((stretch) => (
                <polyline
                  key={stretch}
                  points={stretch}
                  fill="none"
                  stroke="currentColor"
                  strokeWidth="2"
                  strokeLinecap="round"
                  strokeLinejoin="round"
                  strokeDasharray={lookOf(i).dash}
                />
              ))}
            </Box>
          ))}
        </Box>
        <Typography component="figcaption" id={id} variant="body2" color="text.secondary">
          {t('metrics.scale', {
            top: format(ceiling),
            from: formatTime(from, language),
            to: formatTime(to, language),
          })}
        </Typography>
        <Legend lines={lines} format={format} />
      </Box>
      <Values title={title} lines={lines} format={format} />
    </Panel>
  );
}

function Legend({ lines, format }: Omit<Props, 'title'>) {
  const t = useText();
  return (
    <Box
      component="ul"
      aria-label={t('metrics.now')}
      sx={{ display: 'flex', flexWrap: 'wrap', columnGap: 3, m: 0, mt: 1, p: 0, listStyle: 'none' }}
    >
      {lines.map(({ name, points }, i) => {
        const value = points.at(-1)?.value;
        return (
          <Box component="li" key={name} sx={{ display: 'flex', gap: 1, alignItems: 'center' }}>
            <Box
              component="svg"
              aria-hidden="true"
              viewBox="0 0 28 4"
              sx={{ width: 28, height: 4, color: lookOf(i).color }}
            >
              <line
                x1="0"
                y1="2"
                x2="28"
                y2="2"
                stroke="currentColor"
                strokeWidth="3"
                strokeDasharray={lookOf(i).dash}
              />
            </Box>
            {t('metrics.last', { name, value: value === undefined ? t('metrics.no-value') : format(value) })}
          </Box>
        );
      })}
    </Box>
  );
}

/** Newest first. */
function Values({ title, lines, format }: Props) {
  const t = useText();
  const { language } = useWords();
  const [isOpen, setIsOpen] = useState(false);
  const times = [...new Set(lines.flatMap(({ points }) => points.map(({ at }) => at)))].toSorted(
    (a, b) => b - a,
  );
  return (
    <Box component="details" sx={{ width: '100%' }} onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <Box component="summary" sx={{ cursor: 'pointer', py: 0.5 }}>
        {t('metrics.values', { title })}
      </Box>
      {isOpen && (
        <Box
          sx={{ maxHeight: 320, overflow: 'auto' }}
          tabIndex={0}
          role="group"
          aria-label={t('metrics.table', { title })}
        >
          <DataTable
            label={t('metrics.values', { title })}
            columns={[t('metrics.time'), ...lines.map(({ name }) => name)]}
            rows={times.map((at) => ({
              key: String(at),
              cells: [
                formatTime(at, language),
                ...lines.map(({ points }) => {
                  const value = points.find((point) => point.at === at)?.value;
                  return value === undefined ? t('metrics.no-value') : format(value);
                }),
              ],
            }))}
            none={t('metrics.first')}
          />
        </Box>
      )}
    </Box>
  );
}
