/** One conversation, and an answer to it. */
import { useState } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Paper from '@mui/material/Paper';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import type { Communication } from '@medplum/fhirtypes';
import { formatDate } from '@dr-assistant/ui/format';
import { useWords } from '@dr-assistant/ui/i18n';
import { EmptyState, FaultAlert, LiveRegion, PageHeading } from '@dr-assistant/ui/layout';
import type { PatientSession } from '@dr-assistant/ui/session';
import { useMessagesQuery, useSendMessageMutation } from '../api/messages.ts';
import { BackLink } from '../components/BackLink.tsx';
import { Loaded } from '../components/Loaded.tsx';
import { isOwn, textOfMessage, threadsOf, timeOfMessage } from '../messages/threads.ts';
import { pathTo } from '../routes.ts';
import { useText } from '../words.ts';

export default function ThreadPage({ session, id }: { session: PatientSession; id: string }) {
  const t = useText();
  const { data, error, refetch } = useMessagesQuery(session.patientId, { refetchOnMountOrArgChange: true });
  return (
    <>
      <BackLink href={pathTo('messages', {})} text={t('messages.back')} />
      <Loaded data={data} error={error} onRetry={() => void refetch()}>
        {(messages) => {
          const thread = threadsOf(messages).find((one) => one.messages.some((m) => m.id === id));
          if (thread === undefined) return <EmptyState text={t('messages.none-such')} />;
          return (
            <>
              <PageHeading title={thread.subject ?? t('messages.no-subject')} />
              <Box component="ol" aria-label={t('messages.thread')} sx={{ listStyle: 'none', m: 0, p: 0 }}>
                {thread.messages.map((message) => (
                  <Message key={message.id} message={message} patientId={session.patientId} />
                ))}
              </Box>
              <Answer session={session} answers={thread.messages.at(-1)!} />
            </>
          );
        }}
      </Loaded>
    </>
  );
}

function Message({ message, patientId }: { message: Communication; patientId: string }) {
  const t = useText();
  const words = useWords();
  const isMine = isOwn(message, patientId);
  return (
    <Paper
      component="li"
      variant="outlined"
      sx={{
        p: 2,
        mt: 2,
        ml: { sm: isMine ? 8 : 0 },
        mr: { sm: isMine ? 0 : 8 },
        bgcolor: isMine ? 'mark.hover' : undefined,
      }}
    >
      <Typography variant="body2" color="text.secondary">
        {[
          isMine ? t('messages.you') : (message.sender?.display ?? t('messages.clinic')),
          formatDate(timeOfMessage(message), words),
        ].join(' · ')}
      </Typography>
      <Typography sx={{ whiteSpace: 'pre-line', overflowWrap: 'anywhere' }}>
        {textOfMessage(message)}
      </Typography>
    </Paper>
  );
}

function Answer({ session, answers }: { session: PatientSession; answers: Communication }) {
  const t = useText();
  const [text, setText] = useState('');
  const [isAsked, setAsked] = useState(false);
  const [send, { error, isLoading, isSuccess }] = useSendMessageMutation();
  const isMissing = isAsked && text.trim() === '';
  const submit = async (): Promise<void> => {
    setAsked(true);
    if (text.trim() === '' || isLoading) return;
    const { data } = await send({ patientId: session.patientId, text: text.trim(), answers });
    if (data === undefined) return;
    setText('');
    setAsked(false);
  };
  return (
    <Box
      component="form"
      noValidate
      sx={{ mt: 3 }}
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <TextField
        label={t('messages.answer')}
        required
        fullWidth
        multiline
        minRows={3}
        value={text}
        error={isMissing}
        helperText={isMissing ? t('messages.text-missing') : ''}
        onChange={(event) => setText(event.target.value)}
        slotProps={{ htmlInput: { maxLength: 5000 } }}
      />
      <FaultAlert fault={error} />
      <Button type="submit" variant="contained" disabled={isLoading} sx={{ mt: 1 }}>
        {t('messages.send')}
      </Button>
      <LiveRegion>{isSuccess && text === '' ? t('messages.sent') : ''}</LiveRegion>
    </Box>
  );
}
