/** One result over time: the newest value, a small line, and all values as a table. */
import { useState } from 'react';
import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import { formatConcept, formatDay, formatQuantity } from '@dr-assistant/ui/format';
import { useWords, type Words } from '@dr-assistant/ui/i18n';
import { linesOf, type Trend, type TrendPoint } from '../api/trend.ts';
import { useText } from '../words.ts';

const WIDTH = 140;
const HEIGHT = 36;
const MARGIN = 4;

/** LOINC's panel names say more than a reader needs. */
const titleOf = (trend: Trend, words: Words): string =>
  formatConcept(trend.code, words).replace(/ panel with all children optional$/, '');

/** "138/86 mmHg" */
function valueText({ values }: TrendPoint, words: Words): string {
  const known = values.filter((v) => v !== undefined);
  if (known.length < 2) return formatQuantity(known[0], words);
  const numbers = known.slice(0, -1).map((v) => String(v.value ?? ''));
  return [...numbers, formatQuantity(known.at(-1), words)].join('/');
}

export function TrendRow({ trend }: { trend: Trend }) {
  const t = useText();
  const words = useWords();
  const [isOpen, setOpen] = useState(false);
  const newest = trend.points.at(-1);
  const title = titleOf(trend, words);
  return (
    <Box
      component="li"
      sx={{ py: 1, borderTop: 1, borderColor: 'divider', '&:first-of-type': { borderTop: 0 } }}
    >
      <Box sx={{ display: 'flex', gap: 2, alignItems: 'center', flexWrap: 'wrap' }}>
        <Box sx={{ flex: '1 1 10rem' }}>
          <Typography>{title}</Typography>
          <Typography variant="body2" color="text.secondary">
            {newest && formatDay(newest.date, words)}
          </Typography>
        </Box>
        {trend.points.length > 1 && <Sparkline trend={trend} />}
        <Typography sx={{ fontWeight: 600, minWidth: '7rem', textAlign: 'right' }}>
          {newest && valueText(newest, words)}
        </Typography>
      </Box>
      {trend.points.length > 1 && (
        <Box
          component="details"
          onToggle={(event) => setOpen(event.currentTarget.open)}
          sx={{ typography: 'body2' }}
        >
          <Box component="summary" sx={{ cursor: 'pointer', py: 0.5 }}>
            {t('chart.values', { what: title })}
          </Box>
          {isOpen && <ValueTable trend={trend} title={title} />}
        </Box>
      )}
    </Box>
  );
}

/** The table beside it says the same, so that it is hidden from screen readers. */
function Sparkline({ trend }: { trend: Trend }) {
  return (
    <Box
      component="svg"
      aria-hidden="true"
      viewBox={`${-MARGIN} ${-MARGIN} ${WIDTH + 2 * MARGIN} ${HEIGHT + 2 * MARGIN}`}
      sx={{ width: WIDTH, height: HEIGHT, color: 'primary.main', flex: 'none' }}
    >
      {linesOf(trend, WIDTH, HEIGHT).map((points, i) => {
        const [x, y] = points.split(' ').at(-1)?.split(',') ?? [];
        return (
          <g key={i}>
            <polyline
              points={points}
              fill="none"
              stroke="currentColor"
              strokeWidth="2"
              strokeLinejoin="round"
            />
            <circle cx={x} cy={y} r="3.5" fill="currentColor" />
          </g>
        );
      })}
    </Box>
  );
}

function ValueTable({ trend, title }: { trend: Trend; title: string }) {
  const t = useText();
  const words = useWords();
  return (
    <Box component="table" aria-label={title} sx={{ borderSpacing: '1rem 0', textAlign: 'left' }}>
      <thead>
        <tr>
          <th scope="col">{t('chart.date')}</th>
          <th scope="col">{t('chart.value')}</th>
        </tr>
      </thead>
      <tbody>
        {trend.points.toReversed().map((point, i) => (
          <tr key={`${point.date} ${i}`}>
            <td>{formatDay(point.date, words)}</td>
            <td>{valueText(point, words)}</td>
          </tr>
        ))}
      </tbody>
    </Box>
  );
}
