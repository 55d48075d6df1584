/** The clinician's appointments and visits of a day, in order of time; one is chosen to see the patient. */
import Button from '@mui/material/Button';
import LinearProgress from '@mui/material/LinearProgress';
import List from '@mui/material/List';
import Paper from '@mui/material/Paper';
import Stack from '@mui/material/Stack';
import Typography from '@mui/material/Typography';
import { formatDay } from '@dr-assistant/ui/format';
import { useWords } from '@dr-assistant/ui/i18n';
import { EmptyState, goTo, PageHeading } from '@dr-assistant/ui/layout';
import type { Session } from '@dr-assistant/ui/session';
import { boundsOf, dayAfter, localDay } from '../api/day.ts';
import { useDayQuery } from '../api/scribe-api.ts';
import { DayItem } from '../components/DayItem.tsx';
import { ScribeFault } from '../components/ScribeFault.tsx';
import { useReloadAfterUpload } from '../recording/use-uploads.ts';
import { pathTo } from '../routes.ts';
import { useText } from '../words.ts';

/** What changes at the front desk is seen after this long. */
const POLL_MS = 60_000;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

export default function DayPage({ session, asked }: { session: Session; asked: string | null }) {
  const t = useText();
  const words = useWords();
  const today = localDay(new Date());
  const day = asked !== null && DAY.test(asked) ? asked : today;
  const isClinician = /^Practitioner\//.test(session.fhirUser);
  const { data, error, refetch } = useDayQuery(
    { fhirUser: session.fhirUser, day },
    { refetchOnMountOrArgChange: true, pollingInterval: POLL_MS, skip: !isClinician },
  );
  useReloadAfterUpload(() => isClinician && refetch());
  const dayText = formatDay(boundsOf(day).from.toISOString(), words);
  const go = (to: string): void => goTo(pathTo('home', {}, to === today ? {} : { day: to }));
  return (
    <Stack spacing={2}>
      <PageHeading title={day === today ? t('day.title') : t('day.title-of', { day: dayText })}>
        <Stack direction="row" spacing={1} useFlexGap sx={{ flexWrap: 'wrap' }}>
          <Button variant="outlined" onClick={() => go(dayAfter(day, -1))}>
            {t('day.previous')}
          </Button>
          <Button variant="outlined" disabled={day === today} onClick={() => go(today)}>
            {t('day.today')}
          </Button>
          <Button variant="outlined" onClick={() => go(dayAfter(day, 1))}>
            {t('day.next')}
          </Button>
        </Stack>
      </PageHeading>
      <Typography color="text.secondary">{dayText}</Typography>
      <ScribeFault fault={error} />
      {!isClinician && <EmptyState text={t('day.no-clinician')} />}
      {isClinician && data === undefined && error === undefined && (
        <LinearProgress aria-label={t('day.loading')} />
      )}
      {data !== undefined && (
        <Paper variant="outlined">
          {data.entries.length === 0 ? (
            <EmptyState text={t('day.none')} />
          ) : (
            <List aria-label={t('day.list')} disablePadding>
              {data.entries.map((entry) => (
                <DayItem key={entry.key} entry={entry} />
              ))}
            </List>
          )}
        </Paper>
      )}
      {data?.hasMore === true && <Typography color="text.secondary">{t('day.cut')}</Typography>}
    </Stack>
  );
}
