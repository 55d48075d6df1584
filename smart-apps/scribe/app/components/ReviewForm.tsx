/** The draft beside the transcript, to be edited, judged and signed; once signed, to be read. */
import { useState } from 'react';
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import Paper from '@mui/material/Paper';
import Stack from '@mui/material/Stack';
import Typography from '@mui/material/Typography';
import { draftedBy } from '../api/note-draft.ts';
import type { Review } from '../api/review.ts';
import { useSignMutation } from '../api/scribe-api.ts';
import type { Session } from '../api/session.ts';
import { signBundle } from '../api/sign-bundle.ts';
import { useSavedEdits } from '../hooks/use-saved-edits.ts';
import { FaultAlert } from './FaultAlert.tsx';
import { NoteEditor } from './NoteEditor.tsx';
import { Proposals } from './Proposals.tsx';
import { Transcript } from './Transcript.tsx';

export function ReviewForm({ review, session }: { review: Review; session: Session }) {
  const { note, draft, cues, proposals, composition } = review;
  const isFinal = note.docStatus === 'final';
  const key = `review ${note.id ?? ''}/${note.meta?.versionId ?? ''} ${session.fhirUser}`;
  const { edits, change, forget } = useSavedEdits(key, { sections: draft.sections, verdicts: {} });
  const [marked, setMarked] = useState<readonly string[]>([]);
  const [chosen, setChosen] = useState<string>();
  const [isAsking, setAsking] = useState(false);
  const [sign, { isLoading, error }] = useSignMutation();
  const undecided = proposals.filter((p) => edits.verdicts[p.id ?? ''] === undefined);
  const submit = async (): Promise<void> => {
    setAsking(false);
    const now = new Date().toISOString();
    const bundle = signBundle({
      note,
      composition,
      draft,
      proposals,
      ...edits,
      signer: session.fhirUser,
      now,
    });
    const { error: refused } = await sign(bundle);
    if (refused !== undefined) return;
    forget();
    scrollTo({ top: 0 });
  };
  return (
    <Stack spacing={2}>
      <State review={review} isFinal={isFinal} />
      <FaultAlert fault={error} />
      <Box sx={{ display: 'grid', gap: 2, gridTemplateColumns: { xs: '1fr', md: '1.2fr 1fr' } }}>
        <Stack spacing={2}>
          <Paper variant="outlined" sx={{ p: 2 }}>
            <NoteEditor
              sections={isFinal ? draft.sections : edits.sections}
              chosen={chosen}
              isFinal={isFinal}
              onChoose={(sentence) => {
                setChosen(sentence.id);
                setMarked(sentence.source);
              }}
              onChange={(sections) => change({ ...edits, sections })}
            />
          </Paper>
          {proposals.length > 0 && (
            <Paper variant="outlined" sx={{ p: 2 }}>
              <Proposals
                proposals={proposals}
                verdicts={edits.verdicts}
                isFinal={isFinal}
                onShow={(sources) => {
                  setChosen(undefined);
                  setMarked(sources);
                }}
                onDecide={(id, verdict) =>
                  change({ ...edits, verdicts: { ...edits.verdicts, [id]: verdict } })
                }
              />
            </Paper>
          )}
          {!isFinal && (
            <Stack direction="row" spacing={2} sx={{ alignItems: 'center', flexWrap: 'wrap' }}>
              <Button
                variant="contained"
                size="large"
                disabled={isLoading || undecided.length > 0}
                onClick={() => setAsking(true)}
              >
                Sign note
              </Button>
              {undecided.length > 0 && (
                <Typography color="text.secondary">
                  {undecided.length} of {proposals.length} proposals still to be accepted or rejected.
                </Typography>
              )}
            </Stack>
          )}
        </Stack>
        <Paper
          variant="outlined"
          sx={{ p: 2, alignSelf: 'start', position: { md: 'sticky' }, top: { md: '5rem' } }}
        >
          <Transcript cues={cues} marked={marked} />
        </Paper>
      </Box>
      <Dialog open={isAsking} onClose={() => setAsking(false)} aria-labelledby="sign-title">
        <DialogTitle id="sign-title">Sign this note?</DialogTitle>
        <DialogContent>
          The note becomes final under your name. What you accepted is confirmed, what you rejected is marked
          as entered in error.
        </DialogContent>
        <DialogActions>
          <Button onClick={() => setAsking(false)}>Not yet</Button>
          <Button variant="contained" onClick={() => void submit()}>
            Sign
          </Button>
        </DialogActions>
      </Dialog>
    </Stack>
  );
}

function State({ review, isFinal }: { review: Review; isFinal: boolean }) {
  if (!isFinal)
    return (
      <Alert severity="warning" icon={false}>
        <strong>Drafted by software, not yet reviewed.</strong> Check each sentence against what was said.
        <Typography variant="body2">{draftedBy(review.draft)}</Typography>
        {review.draft.fallbacks?.map((words) => (
          <Typography variant="body2" key={words}>
            {words}
          </Typography>
        ))}
      </Alert>
    );
  const attester = review.composition?.attester?.[0];
  const when = attester?.time === undefined ? '' : ` on ${new Date(attester.time).toLocaleString()}`;
  return (
    <Alert severity="success">
      Signed by {attester?.party?.reference ?? review.note.authenticator?.reference ?? 'a clinician'}
      {when}.
    </Alert>
  );
}
