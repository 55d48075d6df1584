/** The patient's recorded visits and where each stands. */
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Chip from '@mui/material/Chip';
import List from '@mui/material/List';
import ListItemButton from '@mui/material/ListItemButton';
import ListItemText from '@mui/material/ListItemText';
import Paper from '@mui/material/Paper';
import Typography from '@mui/material/Typography';
import type { Media } from '@medplum/fhirtypes';
import { useTaskQuery, useVisitsQuery } from '../api/scribe-api.ts';
import type { Session } from '../api/session.ts';
import { FaultAlert } from '../components/FaultAlert.tsx';
import { goTo, visitPath } from '../hooks/use-route.ts';

export function VisitsPage({ session }: { session: Session }) {
  const { data, error } = useVisitsQuery(session.patientId, { refetchOnMountOrArgChange: true });
  return (
    <>
      <Box sx={{ display: 'flex', justifyContent: 'space-between', mb: 2 }}>
        <Typography variant="h1" component="h1">
          Visits
        </Typography>
        <Button variant="contained" onClick={() => goTo('#/new')}>
          New visit
        </Button>
      </Box>
      <FaultAlert fault={error} />
      <Paper variant="outlined">
        <List aria-label="Visits">
          {data?.map((media) => (
            <VisitItem key={media.id} media={media} />
          ))}
        </List>
        {data?.length === 0 && (
          <Typography sx={{ p: 3 }}>No visit has been recorded for this patient yet.</Typography>
        )}
      </Paper>
    </>
  );
}

function VisitItem({ media }: { media: Media }) {
  const id = media.id ?? '';
  const { data: task } = useTaskQuery(id);
  const when =
    media.createdDateTime === undefined ? 'Undated' : new Date(media.createdDateTime).toLocaleString();
  return (
    <ListItemButton onClick={() => goTo(visitPath(id))}>
      <ListItemText primary={when} secondary={task?.businessStatus?.text ?? 'Waiting to be drafted'} />
      {task && <Chip size="small" label={task.status} />}
    </ListItemButton>
  );
}
