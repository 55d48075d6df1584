/** A new visit: recorded here, uploaded, or pasted as a transcript. */
import Button from '@mui/material/Button';
import Paper from '@mui/material/Paper';
import Stack from '@mui/material/Stack';
import Tab from '@mui/material/Tab';
import Tabs from '@mui/material/Tabs';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useCreateVisitMutation, type VisitContent } from '../api/scribe-api.ts';
import type { Session } from '../api/session.ts';
import { FaultAlert } from '../components/FaultAlert.tsx';
import { Recorder } from '../components/Recorder.tsx';
import { forgetRecording } from '../hooks/recording-store.ts';
import { goTo, visitPath } from '../hooks/use-route.ts';
import { useSessionText } from '../hooks/use-session-text.ts';

async function contentOf(file: File): Promise<VisitContent> {
  const isVtt = /\.vtt$/i.test(file.name) || file.type === 'text/vtt';
  const isText = isVtt || /\.txt$/i.test(file.name) || file.type === 'text/plain';
  if (!isText) return { kind: 'audio', audio: file, contentType: file.type === '' ? 'audio/wav' : file.type };
  return { kind: 'text', text: await file.text(), contentType: isVtt ? 'text/vtt' : 'text/plain' };
}

export function NewVisitPage({ session }: { session: Session }) {
  const [tab, setTab] = useSessionText('new-visit-tab', 'record');
  const [text, setText] = useSessionText(`new-visit-text ${session.patientId}`, '');
  const [createVisit, { isLoading, error }] = useCreateVisitMutation();
  const send = async (content: VisitContent): Promise<void> => {
    const { data } = await createVisit({ session, content });
    if (data === undefined) return;
    if (content.kind === 'audio') await forgetRecording();
    setText('');
    goTo(visitPath(data.id ?? ''));
  };
  return (
    <Stack spacing={2}>
      <Typography variant="h1">New visit</Typography>
      <FaultAlert fault={error} />
      <Paper variant="outlined" sx={{ p: 3 }}>
        <Tabs
          value={tab}
          onChange={(_event, value: string) => setTab(value)}
          aria-label="How the visit comes in"
        >
          <Tab value="record" label="Record" />
          <Tab value="upload" label="Upload a file" />
          <Tab value="paste" label="Paste a transcript" />
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
              Choose a recording or transcript
              <input
                type="file"
                hidden
                aria-label="Recording or transcript"
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
                label="Transcript"
                placeholder={'Doctor: What brings you in?\nPatient: I have had a cough for three days.'}
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
                Create draft
              </Button>
            </>
          )}
        </Stack>
      </Paper>
    </Stack>
  );
}
