/** A new message to the clinic. */
import { useState } from 'react';
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import TextField from '@mui/material/TextField';
import { FaultAlert, goTo, PageHeading } from '@dr-assistant/ui/layout';
import type { PatientSession } from '@dr-assistant/ui/session';
import { recipientsOf, type Recipient, useSendMessageMutation } from '../api/messages.ts';
import { BackLink } from '../components/BackLink.tsx';
import { LoadedRecord } from '../components/Loaded.tsx';
import { Section } from '../components/Section.tsx';
import { pathTo } from '../routes.ts';
import { useText } from '../words.ts';

export default function WritePage({ session }: { session: PatientSession }) {
  const t = useText();
  return (
    <>
      <BackLink href={pathTo('messages', {})} text={t('messages.back')} />
      <PageHeading title={t('messages.write')} />
      <Alert severity="info" sx={{ mt: 1 }}>
        {t('messages.urgent')}
      </Alert>
      <LoadedRecord session={session}>
        {({ patient }) => <MessageForm session={session} recipients={recipientsOf(patient)} />}
      </LoadedRecord>
    </>
  );
}

function MessageForm({ session, recipients }: { session: PatientSession; recipients: readonly Recipient[] }) {
  const t = useText();
  const [to, setTo] = useState(0);
  const [subject, setSubject] = useState('');
  const [text, setText] = useState('');
  const [isAsked, setAsked] = useState(false);
  const [send, { error, isLoading }] = useSendMessageMutation();
  const isMissing = (value: string): boolean => isAsked && value.trim() === '';
  const submit = async (): Promise<void> => {
    setAsked(true);
    const missing = [subject, text].findIndex((value) => value.trim() === '');
    if (missing >= 0) document.getElementById(['message-subject', 'message-text'][missing] ?? '')?.focus();
    if (missing >= 0 || isLoading) return;
    const { data } = await send({
      patientId: session.patientId,
      subject: subject.trim(),
      text: text.trim(),
      recipient: recipients[to],
    });
    if (data !== undefined) goTo(pathTo('thread', { id: data.id ?? '' }));
  };
  return (
    <Section title={t('messages.new')}>
      <Box
        component="form"
        noValidate
        sx={{ display: 'grid', gap: 2, mt: 1 }}
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        {recipients.length > 0 && (
          <TextField
            select
            label={t('messages.to')}
            value={to}
            onChange={(event) => setTo(Number(event.target.value))}
            slotProps={{ select: { native: true } }}
          >
            {recipients.map(({ display, reference }, i) => (
              <option key={reference} value={i}>
                {display ?? t('messages.clinic')}
              </option>
            ))}
          </TextField>
        )}
        <TextField
          id="message-subject"
          label={t('messages.subject')}
          required
          value={subject}
          error={isMissing(subject)}
          helperText={isMissing(subject) ? t('messages.subject-missing') : ''}
          onChange={(event) => setSubject(event.target.value)}
          slotProps={{ htmlInput: { maxLength: 200 } }}
        />
        <TextField
          id="message-text"
          label={t('messages.text')}
          required
          multiline
          minRows={5}
          value={text}
          error={isMissing(text)}
          helperText={isMissing(text) ? t('messages.text-missing') : ''}
          onChange={(event) => setText(event.target.value)}
          slotProps={{ htmlInput: { maxLength: 5000 } }}
        />
        <FaultAlert fault={error} />
        <Button type="submit" variant="contained" disabled={isLoading} sx={{ justifySelf: 'start' }}>
          {t('messages.send')}
        </Button>
      </Box>
    </Section>
  );
}
