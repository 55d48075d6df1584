/** One visit: the bot's progress while it works, what it needs when it is stuck, and then the review. */
import { useState } from 'react';
import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import LinearProgress from '@mui/material/LinearProgress';
import Stack from '@mui/material/Stack';
import TextField from '@mui/material/TextField';
import type { Task } from '@medplum/fhirtypes';
import { LiveRegion, PageHeading } from '@dr-assistant/ui/layout';
import type { PatientSession } from '@dr-assistant/ui/session';
import { useAddTranscriptMutation, useReviewQuery, useTaskQuery } from '../api/scribe-api.ts';
import { ReviewForm } from '../components/ReviewForm.tsx';
import { ScribeFault } from '../components/ScribeFault.tsx';
import { useSessionText } from '../hooks/use-session-text.ts';
import { useText } from '../words.ts';

const POLL_MS = 1_000;
const isAtWork = (task: Task | null | undefined): boolean =>
  !task || !['completed', 'failed', 'on-hold'].includes(task.status);

export default function VisitPage({ session, mediaId }: { session: PatientSession; mediaId: string }) {
  const t = useText();
  const [isSettled, setSettled] = useState(false);
  const { data: task, error } = useTaskQuery(mediaId, {
    pollingInterval: isSettled ? 0 : POLL_MS,
    refetchOnMountOrArgChange: true,
  });
  if (task !== undefined && isSettled === isAtWork(task)) setSettled(!isAtWork(task));
  if (error) return <ScribeFault fault={error} />;
  if (task?.status === 'completed') return <Review task={task} mediaId={mediaId} session={session} />;
  if (isAtWork(task))
    return (
      <LiveRegion>
        <Stack spacing={2}>
          <PageHeading title={task?.businessStatus?.text ?? t('visit.waiting')} />
          <LinearProgress aria-label={t('visit.under-way')} />
        </Stack>
      </LiveRegion>
    );
  return (
    <Stack spacing={2}>
      <PageHeading title={t('visit.title')} />
      <Alert severity={task?.status === 'failed' ? 'error' : 'warning'}>
        {task?.statusReason?.text ?? task?.businessStatus?.text ?? t('visit.failed')}
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
  session: PatientSession;
  mediaId: string;
  onSent: () => void;
}) {
  const t = useText();
  const [text, setText] = useSessionText(`transcript ${mediaId}`, '');
  const [add, { isLoading, error }] = useAddTranscriptMutation();
  return (
    <Stack spacing={2} sx={{ alignItems: 'start' }}>
      <ScribeFault fault={error} />
      <TextField
        label={t('visit.transcript')}
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
        {t('visit.go-on')}
      </Button>
    </Stack>
  );
}

function Review({ task, mediaId, session }: { task: Task; mediaId: string; session: PatientSession }) {
  const t = useText();
  const { data, error } = useReviewQuery({ task, mediaId });
  if (error) return <ScribeFault fault={error} />;
  if (data === undefined) return <LinearProgress aria-label={t('visit.loading')} />;
  const { id, meta } = data.note;
  return <ReviewForm key={`${id ?? ''}/${meta?.versionId ?? ''}`} review={data} session={session} />;
}
