/** The patient's recorded visits and where each stands. */
import Button from '@mui/material/Button';
import Chip from '@mui/material/Chip';
import List from '@mui/material/List';
import ListItem from '@mui/material/ListItem';
import ListItemButton from '@mui/material/ListItemButton';
import ListItemText from '@mui/material/ListItemText';
import Paper from '@mui/material/Paper';
import type { Media } from '@medplum/fhirtypes';
import { formatDate } from '@dr-assistant/ui/format';
import { useWords } from '@dr-assistant/ui/i18n';
import { EmptyState, goTo, PageHeading } from '@dr-assistant/ui/layout';
import type { PatientSession } from '@dr-assistant/ui/session';
import { useTaskQuery, useVisitsQuery } from '../api/scribe-api.ts';
import { ScribeFault } from '../components/ScribeFault.tsx';
import { pathTo } from '../routes.ts';
import { useText } from '../words.ts';

export function VisitsPage({ session }: { session: PatientSession }) {
  const t = useText();
  const { data, error } = useVisitsQuery(session.patientId, { refetchOnMountOrArgChange: true });
  return (
    <>
      <PageHeading title={t('visits.title')}>
        <Button variant="contained" onClick={() => goTo(pathTo('new', {}))}>
          {t('visits.new')}
        </Button>
      </PageHeading>
      <ScribeFault fault={error} />
      <Paper variant="outlined" sx={{ mt: 2 }}>
        {data !== undefined && data.length > 0 && (
          <List aria-label={t('visits.title')}>
            {data.map((media) => (
              <VisitItem key={media.id} media={media} />
            ))}
          </List>
        )}
        {data?.length === 0 && <EmptyState text={t('visits.none')} />}
      </Paper>
    </>
  );
}

function VisitItem({ media: { id = '', createdDateTime } }: { media: Media }) {
  const t = useText();
  const words = useWords();
  const { data: task } = useTaskQuery(id);
  return (
    <ListItem disablePadding>
      <ListItemButton onClick={() => goTo(pathTo('visit', { mediaId: id }))}>
        <ListItemText
          primary={createdDateTime === undefined ? t('visits.undated') : formatDate(createdDateTime, words)}
          secondary={task?.businessStatus?.text ?? t('visits.waiting')}
        />
        {task && <Chip size="small" label={task.status} />}
      </ListItemButton>
    </ListItem>
  );
}
