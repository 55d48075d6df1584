/** Results: the newest value of each series with its usual range; the earlier ones in a chart and, the same, in a table. */
import { useId } from 'react';
import Box from '@mui/material/Box';
import Chip from '@mui/material/Chip';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import Typography from '@mui/material/Typography';
import { formatDay } from '@dr-assistant/ui/format';
import { useWords } from '@dr-assistant/ui/i18n';
import { shownOf } from '../record/current.ts';
import { resultSeries, type ResultPoint, type ResultSeries } from '../record/results.ts';
import { trendShape } from '../record/trend.ts';
import { useText } from '../words.ts';
import type { PartProps } from './RecordSections.tsx';
import { EntryList, Section } from './Section.tsx';

const GROUPS = ['laboratory', 'vital-signs', 'other'] as const;

export function ResultList({ record, isWhole = false }: PartProps) {
  const t = useText();
  const words = useWords();
  const series = resultSeries(shownOf(record.of.Observation), words);
  const isRefused = record.refused.includes('Observation');
  return (
    <Section title={t('record.results')}>
      {series.length === 0 && (
        <Typography color="text.secondary">
          {t(isRefused ? 'record.refused' : 'record.no-results')}
        </Typography>
      )}
      {GROUPS.map((group) => {
        const entries = series
          .filter((s) => s.group === group)
          .map((s) => ({ key: s.key, view: <Result series={s} isWhole={isWhole} /> }));
        if (entries.length === 0) return null;
        return (
          <Box key={group} sx={{ mt: 1 }}>
            <Typography variant="h3">{t(`results.${group}`)}</Typography>
            <EntryList label={t(`results.${group}`)} entries={entries} none="" isWhole={isWhole} />
          </Box>
        );
      })}
    </Section>
  );
}

function Flag({ point }: { point: ResultPoint }) {
  const t = useText();
  if (point.flag === undefined) return null;
  return <Chip size="small" color="warning" variant="outlined" label={t(`results.${point.flag}`)} />;
}

function Result({ series: { name, points }, isWhole }: { series: ResultSeries; isWhole: boolean }) {
  const t = useText();
  const words = useWords();
  const newest = points[0];
  if (newest === undefined) return null;
  const date = newest.date === undefined ? '' : formatDay(newest.date, words);
  return (
    <>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', columnGap: 2, alignItems: 'baseline' }}>
        <Typography component="span" sx={{ fontWeight: 600, flex: '1 1 12rem', overflowWrap: 'anywhere' }}>
          {name}
        </Typography>
        <Typography component="span" sx={{ display: 'flex', gap: 1, alignItems: 'center' }}>
          {newest.text} <Flag point={newest} />
        </Typography>
        <Typography component="span" variant="body2" color="text.secondary" sx={{ flexBasis: '100%' }}>
          {[date, newest.range && t('results.range', { range: newest.range })].filter(Boolean).join(' · ')}
        </Typography>
      </Box>
      {points.length > 1 && (
        <details open={isWhole}>
          <Box component="summary" sx={{ cursor: 'pointer', color: 'primary.main', py: 0.5 }}>
            {t('results.earlier', { count: points.length })}
            <Hidden>{name}</Hidden>
          </Box>
          <Trend name={name} points={points} />
          <PointTable name={name} points={points} />
        </details>
      )}
    </>
  );
}

/** Read out, and not seen: what the words beside it belong to. */
function Hidden({ children }: { children: string }) {
  return (
    <Box
      component="span"
      sx={{ position: 'absolute', width: '1px', height: '1px', overflow: 'hidden', clipPath: 'inset(50%)' }}
    >
      {children}
    </Box>
  );
}

const BOX = { width: 320, height: 90, margin: 10 };

/** Decorative beside the table, which has every value. */
function Trend({ name, points }: { name: string; points: readonly ResultPoint[] }) {
  const t = useText();
  const id = useId();
  const shape = trendShape(points, BOX);
  if (shape === undefined) return null;
  const line = shape.points.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ');
  return (
    <Box
      component="svg"
      role="img"
      aria-labelledby={id}
      viewBox={`0 0 ${BOX.width} ${BOX.height}`}
      sx={{ display: 'block', width: '100%', maxWidth: 480, my: 1 }}
    >
      <title id={id}>{t('results.chart', { name, count: shape.points.length })}</title>
      {shape.band && (
        <Box
          component="rect"
          x={0}
          width={BOX.width}
          y={shape.band.y}
          height={shape.band.height}
          sx={{ fill: 'var(--mui-palette-mark-hover)' }}
        />
      )}
      <Box
        component="polyline"
        points={line}
        sx={{ fill: 'none', stroke: 'var(--mui-palette-primary-main)', strokeWidth: 2 }}
      />
      {shape.points.map(({ x, y }, i) => (
        <Box
          component="circle"
          key={i}
          cx={x}
          cy={y}
          r={4}
          sx={{ fill: 'var(--mui-palette-primary-main)' }}
        />
      ))}
    </Box>
  );
}

function PointTable({ name, points }: { name: string; points: readonly ResultPoint[] }) {
  const t = useText();
  const words = useWords();
  return (
    <Table size="small" aria-label={name} sx={{ maxWidth: 480, '& th, & td': { px: 0.5 } }}>
      <TableHead>
        <TableRow>
          <TableCell>{t('results.date')}</TableCell>
          <TableCell>{t('results.value')}</TableCell>
          <TableCell>{t('results.usual')}</TableCell>
        </TableRow>
      </TableHead>
      <TableBody>
        {points.map((point, i) => (
          <TableRow key={i}>
            <TableCell>{point.date === undefined ? '' : formatDay(point.date, words)}</TableCell>
            <TableCell>
              {point.text} <Flag point={point} />
            </TableCell>
            <TableCell>{point.range}</TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}
