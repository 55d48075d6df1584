/** One visit: the bot's progress while it works, what it needs when it is stuck, and then the review. */
import { useState } from 'react';
import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import LinearProgress from '@mui/material/LinearProgress';
import Stack from '@mui/material/Stack';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import type { Task } from '@medplum/fhirtypes';
import { useAddTranscriptMutation, useReviewQuery, useTaskQuery } from '../api/scribe-api.ts';
import type { Session } from '../api/session.ts';
import { FaultAlert } from '../components/FaultAlert.tsx';
import { ReviewForm } from '../components/ReviewForm.tsx';
import { useSessionText } from '../hooks/use-session-text.ts';

const POLL_MS = 1_000;
const isAtWork = (task: Task | null | undefined): boolean =>
  !task || !['completed', 'failed', 'on-hold'].includes(task.status);

export function VisitPage({ session, mediaId }: { session: Session; mediaId: string }) {
  const [isSettled, setSettled] = useState(false);
  const { data: task, error } = useTaskQuery(mediaId, {
    pollingInterval: isSettled ? 0 : POLL_MS,
    refetchOnMountOrArgChange: true,
  });
  if (task !== undefined && isSettled === isAtWork(task)) setSettled(!isAtWork(task));
  if (error) return <FaultAlert fault={error} />;
  if (task?.status === 'completed') return <Review task={task} session={session} />;
  if (isAtWork(task))
    return (
      <Stack spacing={2} role="status">
        <Typography variant="h1">
          {task?.businessStatus?.text ?? 'Waiting for the scribe to begin'}
        </Typography>
        <LinearProgress aria-label="The note is being drafted" />
      </Stack>
    );
  return (
    <Stack spacing={2}>
      <Alert severity={task?.status === 'failed' ? 'error' : 'warning'}>
        {task?.statusReason?.text ?? task?.businessStatus?.text ?? 'The visit could not be drafted.'}
      </Alert>
      <TranscriptForm session={session} mediaId={mediaId} onSent={() => setSettled(false)} />
    </Stack>
  );
}

function TranscriptForm({
  session,
  mediaId,
  onSent,
}: {
  session: Session;
  mediaId: string;
  onSent: () => void;
}) {
  const [text, setText] = useSessionText(`transcript ${mediaId}`, '');
  const [add, { isLoading, error }] = useAddTranscriptMutation();
  return (
    <Stack spacing={2} sx={{ alignItems: 'start' }}>
      <FaultAlert fault={error} />
      <TextField
        label="Transcript"
        value={text}
        onChange={(e) => setText(e.target.value)}
        multiline
        minRows={8}
        fullWidth
      />
      <Button
        variant="contained"
        disabled={isLoading || text.trim() === ''}
        onClick={() =>
          void add({ session, mediaId, text }).then(({ error: refused }) => {
            if (refused !== undefined) return;
            setText('');
            onSent();
          })
        }
      >
        Go on with this transcript
      </Button>
    </Stack>
  );
}

function Review({ task, session }: { task: Task; session: Session }) {
  const { data, error } = useReviewQuery(task);
  if (error) return <FaultAlert fault={error} />;
  if (data === undefined) return <LinearProgress aria-label="Loading the draft" />;
  const { id, meta } = data.note;
  return <ReviewForm key={`${id ?? ''}/${meta?.versionId ?? ''}`} review={data} session={session} />;
}
