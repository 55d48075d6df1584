/** One visit of the timeline: when, why, and a button for each recording of it. */
import Box from '@mui/material/Box';
import ButtonBase from '@mui/material/ButtonBase';
import Typography from '@mui/material/Typography';
import { formatConcept, formatDate, formatDay } from '@dr-assistant/ui/format';
import { useWords } from '@dr-assistant/ui/i18n';
import { goTo } from '@dr-assistant/ui/layout';
import type { TimelineEntry } from '../api/chart.ts';
import { pathTo } from '../routes.ts';
import { useText } from '../words.ts';
import { StageChip } from './StageChip.tsx';

export function Timeline({ entry, patientId }: { entry: TimelineEntry; patientId: string }) {
  const t = useText();
  const words = useWords();
  const { encounter, date, visits } = entry;
  const reason = encounter?.reasonCode?.[0] ?? encounter?.type?.[0];
  return (
    <Box
      component="li"
      sx={{ py: 1, pl: 2, borderLeft: 3, borderColor: visits.length > 0 ? 'primary.main' : 'divider', mb: 1 }}
    >
      <Typography>{reason === undefined ? t('chart.visit') : formatConcept(reason, words)}</Typography>
      <Typography variant="body2" color="text.secondary">
        {date === '' ? t('chart.undated') : formatDay(date, words)}
        {encounter !== undefined && ` · ${t(`status.${encounter.status}`)}`}
      </Typography>
      {visits.map((visit) => (
        <ButtonBase
          key={visit.mediaId}
          onClick={() => goTo(pathTo('visit', { patientId, mediaId: visit.mediaId }))}
          sx={{
            display: 'flex',
            width: '100%',
            justifyContent: 'space-between',
            gap: 1,
            flexWrap: 'wrap',
            font: 'inherit',
            textAlign: 'left',
            mt: 1,
            p: 1,
            minHeight: '2.75rem',
            border: 1,
            borderColor: 'divider',
            borderRadius: 1,
            '&:hover, &:focus-visible': { bgcolor: 'action.hover' },
          }}
        >
          <span>
            {visit.created === undefined
              ? t('chart.undated')
              : t('chart.recorded', { date: formatDate(visit.created, words) })}
          </span>
          <StageChip stage={visit.stage} />
        </ButtonBase>
      ))}
    </Box>
  );
}
