/** The draft beside the transcript, to be edited, judged and signed; once signed, to be read. */
import { useState } from 'react';
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Paper from '@mui/material/Paper';
import Stack from '@mui/material/Stack';
import Typography from '@mui/material/Typography';
import { formatDate } from '@dr-assistant/ui/format';
import { useWords } from '@dr-assistant/ui/i18n';
import { ConfirmDialog, PageHeading } from '@dr-assistant/ui/layout';
import type { PatientSession } from '@dr-assistant/ui/session';
import { draftedBy } from '../api/drafted-by.ts';
import type { Review } from '../api/review.ts';
import { useSignMutation } from '../api/scribe-api.ts';
import { signBundle } from '../api/sign-bundle.ts';
import { editsKey, useSavedEdits } from '../hooks/use-saved-edits.ts';
import { useText } from '../words.ts';
import { NoteEditor } from './NoteEditor.tsx';
import { Proposals } from './Proposals.tsx';
import { ScribeFault } from './ScribeFault.tsx';
import { Transcript } from './Transcript.tsx';

export function ReviewForm({ review, session }: { review: Review; session: PatientSession }) {
  const t = useText();
  const { note, draft, cues, proposals, composition } = review;
  const isFinal = note.docStatus === 'final';
  const key = editsKey(`${note.id ?? ''}/${note.meta?.versionId ?? ''}`, session.fhirUser);
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
      <PageHeading title={t('review.title')} />
      <State review={review} isFinal={isFinal} />
      <ScribeFault fault={error} />
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
                {t('review.sign-note')}
              </Button>
              {undecided.length > 0 && (
                <Typography color="text.secondary">
                  {t('review.open', { undecided: undecided.length, all: proposals.length })}
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
      <ConfirmDialog
        isOpen={isAsking}
        title={t('review.sign-title')}
        confirm={t('review.sign')}
        cancel={t('review.not-yet')}
        onConfirm={() => void submit()}
        onCancel={() => setAsking(false)}
      >
        {t('review.asks')}
      </ConfirmDialog>
    </Stack>
  );
}

function State({ review, isFinal }: { review: Review; isFinal: boolean }) {
  const t = useText();
  const words = useWords();
  if (!isFinal)
    return (
      <Alert severity="warning" icon={false}>
        <strong>{t('review.unreviewed')}</strong> {t('review.check')}
        <Typography variant="body2">{draftedBy(review.draft, t)}</Typography>
        {review.draft.fallbacks?.map((why) => (
          <Typography variant="body2" key={why}>
            {why}
          </Typography>
        ))}
      </Alert>
    );
  const attester = review.composition?.attester?.[0];
  const signer = attester?.party?.reference ?? review.note.authenticator?.reference ?? t('review.clinician');
  return (
    <Alert severity="success">
      {attester?.time === undefined
        ? t('review.signed', { signer })
        : t('review.signed-on', { signer, time: formatDate(attester.time, words) })}
    </Alert>
  );
}
