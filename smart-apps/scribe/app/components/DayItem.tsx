/** A line of the day's list: when, who, why, how far; leads to the patient's chart. */
import Box from '@mui/material/Box';
import Chip from '@mui/material/Chip';
import ListItem from '@mui/material/ListItem';
import ListItemButton from '@mui/material/ListItemButton';
import Typography from '@mui/material/Typography';
import { formatAge, formatGender, nameOf } from '@dr-assistant/ui/format';
import { useWords, type Words } from '@dr-assistant/ui/i18n';
import { goTo } from '@dr-assistant/ui/layout';
import type { DayEntry } from '../api/day.ts';
import { pathTo } from '../routes.ts';
import { useText, type ScribeText } from '../words.ts';
import { StageChip } from './StageChip.tsx';

const clock = (instant: string, { language, timeZone }: Words): string =>
  new Intl.DateTimeFormat(language, { timeStyle: 'short', timeZone }).format(new Date(instant));

function timeText({ start, end }: DayEntry, t: ScribeText, words: Words): string {
  if (start === '') return '';
  if (end === undefined) return clock(start, words);
  return t('day.span', { start: clock(start, words), end: clock(end, words) });
}

const aboutText = ({ patient }: DayEntry, words: Words): string =>
  [formatAge(patient?.birthDate, new Date(), words), patient?.gender && formatGender(patient.gender, words)]
    .filter(Boolean)
    .join(' · ');

export function DayItem({ entry }: { entry: DayEntry }) {
  const t = useText();
  const words = useWords();
  const { patientId, patient, encounterId, visits } = entry;
  const name = patient === undefined ? (entry.display ?? t('day.no-patient')) : nameOf(patient, words);
  const query = encounterId === undefined ? {} : { encounter: encounterId };
  return (
    <ListItem disablePadding divider>
      <ListItemButton
        disabled={patientId === undefined}
        onClick={() => goTo(pathTo('chart', { patientId: patientId ?? '' }, query))}
        sx={{ display: 'flex', columnGap: 2, rowGap: 0.5, flexWrap: 'wrap', alignItems: 'center', py: 1.5 }}
      >
        <Typography sx={{ flex: '0 0 12rem', whiteSpace: 'nowrap', fontVariantNumeric: 'tabular-nums' }}>
          {timeText(entry, t, words)}
        </Typography>
        <Box sx={{ flex: '1 1 14rem', minWidth: 0 }}>
          <Typography sx={{ fontWeight: 600 }}>{name}</Typography>
          <Typography variant="body2" color="text.secondary">
            {[aboutText(entry, words), entry.reason].filter(Boolean).join(' · ')}
          </Typography>
        </Box>
        <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap' }}>
          {visits.map((visit) => (
            <StageChip key={visit.mediaId} stage={visit.stage} />
          ))}
          <Chip size="small" label={t(`status.${entry.status}`)} />
        </Box>
      </ListItemButton>
    </ListItem>
  );
}
