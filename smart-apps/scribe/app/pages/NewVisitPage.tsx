/** A new visit: recorded here, uploaded, or pasted as a transcript. */
import { useEffect, useState } from 'react';
import Button from '@mui/material/Button';
import Paper from '@mui/material/Paper';
import Stack from '@mui/material/Stack';
import Tab from '@mui/material/Tab';
import Tabs from '@mui/material/Tabs';
import TextField from '@mui/material/TextField';
import { goTo, PageHeading } from '@dr-assistant/ui/layout';
import type { PatientSession } from '@dr-assistant/ui/session';
import { useCreateVisitMutation, type VisitText } from '../api/scribe-api.ts';
import { ConsentGate } from '../components/ConsentGate.tsx';
import { Recorder } from '../components/Recorder.tsx';
import { ScribeFault } from '../components/ScribeFault.tsx';
import { useSessionText } from '../hooks/use-session-text.ts';
import { keepFile } from '../recording/recording-store.ts';
import type { NewRecording } from '../recording/use-recorder.ts';
import { useUploads } from '../recording/use-uploads.ts';
import { pathTo } from '../routes.ts';
import { useText } from '../words.ts';

const isVtt = ({ name, type }: File): boolean => /\.vtt$/i.test(name) || type === 'text/vtt';
const isText = (file: File): boolean =>
  isVtt(file) || /\.txt$/i.test(file.name) || file.type === 'text/plain';

export default function NewVisitPage({ session }: { session: PatientSession }) {
  const t = useText();
  const { patientId, encounterId, fhirUser } = session;
  const [tab, setTab] = useSessionText('new-visit-tab', 'record');
  const [text, setText] = useSessionText(`new-visit-text ${patientId}`, '');
  const [createVisit, { isLoading, error }] = useCreateVisitMutation();
  const [ownId, setOwnId] = useState<string>();
  const { uploads, sent } = useUploads();
  const mediaId = ownId === undefined ? undefined : sent[ownId];
  useEffect(() => {
    if (mediaId !== undefined) goTo(pathTo('visit', { patientId, mediaId }));
  }, [patientId, mediaId]);
  const send = async (content: VisitText): Promise<void> => {
    const { data } = await createVisit({ session, content });
    if (data === undefined) return;
    setText('');
    goTo(pathTo('visit', { patientId, mediaId: data.id ?? '' }));
  };
  const made = (consentId: string): NewRecording => ({
    owner: fhirUser,
    patientId,
    consentId,
    ...(encounterId === undefined ? {} : { encounterId }),
  });
  const sendFile = async (file: File, consentId: string): Promise<void> => {
    if (isText(file))
      return send({ text: await file.text(), contentType: isVtt(file) ? 'text/vtt' : 'text/plain' });
    const recording = await keepFile(file, made(consentId));
    setOwnId(recording.id);
    await uploads.upload(recording);
  };
  return (
    <Stack spacing={2}>
      <PageHeading title={t('new-visit.title')} />
      <ScribeFault fault={error} />
      <Paper variant="outlined" sx={{ p: 3 }}>
        <Tabs
          value={tab}
          onChange={(_event, value: string) => setTab(value)}
          aria-label={t('new-visit.tabs')}
        >
          <Tab value="record" label={t('new-visit.record')} />
          <Tab value="upload" label={t('new-visit.upload')} />
          <Tab value="paste" label={t('new-visit.paste')} />
        </Tabs>
        <Stack spacing={2} sx={{ pt: 3, alignItems: 'start' }} aria-busy={isLoading}>
          {tab === 'record' && (
            <ConsentGate session={session}>
              {(consentId) => <Recorder made={made(consentId)} onFinished={setOwnId} />}
            </ConsentGate>
          )}
          {tab === 'upload' && (
            <ConsentGate session={session}>
              {(consentId) => (
                <Button variant="contained" component="label" disabled={isLoading}>
                  {t('new-visit.choose-file')}
                  <input
                    type="file"
                    hidden
                    aria-label={t('new-visit.file')}
                    accept="audio/*,.vtt,.txt,text/plain,text/vtt"
                    onChange={(event) => {
                      const file = event.target.files?.[0];
                      if (file) void sendFile(file, consentId);
                    }}
                  />
                </Button>
              )}
            </ConsentGate>
          )}
          {tab === 'paste' && (
            <>
              <TextField
                label={t('new-visit.transcript')}
                placeholder={t('new-visit.example')}
                value={text}
                onChange={(event) => setText(event.target.value)}
                multiline
                minRows={10}
                maxRows={24}
                fullWidth
              />
              <Button
                variant="contained"
                disabled={isLoading || text.trim() === ''}
                onClick={() =>
                  void send({
                    text,
                    contentType: text.startsWith('WEBVTT') ? 'text/vtt' : 'text/plain',
                  })
                }
              >
                {t('new-visit.create')}
              </Button>
            </>
          )}
        </Stack>
      </Paper>
    </Stack>
  );
}
