/** A new visit: recorded here, uploaded, or pasted as a transcript. */
import Button from '@mui/material/Button';
import Paper from '@mui/material/Paper';
import Stack from '@mui/material/Stack';
import Tab from '@mui/material/Tab';
import Tabs from '@mui/material/Tabs';
import TextField from '@mui/material/TextField';
import { goTo, PageHeading } from '@dr-assistant/ui/layout';
import type { PatientSession } from '@dr-assistant/ui/session';
import { useCreateVisitMutation, type VisitContent } from '../api/scribe-api.ts';
import { Recorder } from '../components/Recorder.tsx';
import { ScribeFault } from '../components/ScribeFault.tsx';
import { forgetRecording } from '../hooks/recording-store.ts';
import { useSessionText } from '../hooks/use-session-text.ts';
import { pathTo } from '../routes.ts';
import { useText } from '../words.ts';

async function contentOf(file: File): Promise<VisitContent> {
  const isVtt = /\.vtt$/i.test(file.name) || file.type === 'text/vtt';
  const isText = isVtt || /\.txt$/i.test(file.name) || file.type === 'text/plain';
  if (!isText) return { kind: 'audio', audio: file, contentType: file.type === '' ? 'audio/wav' : file.type };
  return { kind: 'text', text: await file.text(), contentType: isVtt ? 'text/vtt' : 'text/plain' };
}

export default function NewVisitPage({ session }: { session: PatientSession }) {
  const t = useText();
  const [tab, setTab] = useSessionText('new-visit-tab', 'record');
  const [text, setText] = useSessionText(`new-visit-text ${session.patientId}`, '');
  const [createVisit, { isLoading, error }] = useCreateVisitMutation();
  const send = async (content: VisitContent): Promise<void> => {
    const { data } = await createVisit({ session, content });
    if (data === undefined) return;
    if (content.kind === 'audio') await forgetRecording();
    setText('');
    goTo(pathTo('visit', { mediaId: data.id ?? '' }));
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
            <Recorder
              patientId={session.patientId}
              onRecorded={(audio) =>
                void send({ kind: 'audio', audio, contentType: audio.type || 'audio/webm' })
              }
            />
          )}
          {tab === 'upload' && (
            <Button variant="contained" component="label" disabled={isLoading}>
              {t('new-visit.choose-file')}
              <input
                type="file"
                hidden
                aria-label={t('new-visit.file')}
                accept="audio/*,.vtt,.txt,text/plain,text/vtt"
                onChange={(event) => {
                  const file = event.target.files?.[0];
                  if (file) void contentOf(file).then(send);
                }}
              />
            </Button>
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
                    kind: 'text',
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
