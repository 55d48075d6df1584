/** The draft beside the transcript, to be edited, judged and signed; once signed, to be read and added to. */
import { useState } from 'react';
import Box from '@mui/material/Box';
import Paper from '@mui/material/Paper';
import Stack from '@mui/material/Stack';
import { ConfirmDialog, PageHeading } from '@dr-assistant/ui/layout';
import type { PatientSession } from '@dr-assistant/ui/session';
import { playMarked } from '../api/cue-time.ts';
import { arranged, phrasesLeft } from '../api/note-template.ts';
import type { Review } from '../api/review.ts';
import { useSignMutation, useTemplatesQuery } from '../api/scribe-api.ts';
import { signBundle } from '../api/sign-bundle.ts';
import { useSigner } from '../hooks/use-signer.ts';
import { usePlayback } from '../hooks/use-playback.ts';
import { useReviewKeys } from '../hooks/use-review-keys.ts';
import { editsKey, useSavedEdits } from '../hooks/use-saved-edits.ts';
import { useText } from '../words.ts';
import { AfterSigning } from './AfterSigning.tsx';
import { NoteEditor } from './NoteEditor.tsx';
import { Proposals } from './Proposals.tsx';
import { ReviewState } from './ReviewState.tsx';
import { ReviewTools } from './ReviewTools.tsx';
import { ScribeFault } from './ScribeFault.tsx';
import { SignBar } from './SignBar.tsx';
import { TemplateField } from './TemplateField.tsx';
import { Transcript } from './Transcript.tsx';

export function ReviewForm({ review, session }: { review: Review; session: PatientSession }) {
  const t = useText();
  const { note, draft, cues, proposals, composition } = review;
  const isFinal = note.docStatus === 'final';
  const key = editsKey(`${note.id ?? ''}/${note.meta?.versionId ?? ''}`, session.fhirUser);
  const saved = useSavedEdits(key, { sections: draft.sections, verdicts: {} });
  const { edits, change, undo, redo } = saved;
  const [marked, setMarked] = useState<readonly string[]>([]);
  const [chosen, setChosen] = useState<string>();
  const [isAsking, setAsking] = useState(false);
  const [sign, { isLoading, error }] = useSignMutation();
  const signer = useSigner(session.fhirUser);
  const playback = usePlayback(review.recording);
  const undecided = proposals.filter((p) => edits.verdicts[p.id ?? ''] === undefined).length;
  const ask = isFinal || isLoading || undecided > 0 ? undefined : () => setAsking(true);
  useReviewKeys(!isAsking, {
    undo: isFinal ? undefined : undo,
    redo: isFinal ? undefined : redo,
    sign: ask,
    play: playback && (() => playMarked(playback, cues, marked)),
  });
  const { data: templates } = useTemplatesQuery(note.context?.encounter?.[0]?.reference, { skip: isFinal });
  const template =
    edits.template === undefined ? templates?.own : templates?.all.find(({ id }) => id === edits.template);
  const sections = isFinal ? draft.sections : arranged(edits.sections, template);
  const submit = async (): Promise<void> => {
    setAsking(false);
    const now = new Date().toISOString();
    const { error: refused } = await sign(
      signBundle({ note, composition, draft, proposals, ...edits, sections, signer, now }),
    );
    if (refused !== undefined) return;
    saved.forget();
    scrollTo({ top: 0 });
  };
  const show = (sentence: string | undefined, sources: readonly string[]): void => {
    setChosen(sentence);
    setMarked(sources);
  };
  return (
    <Stack spacing={2}>
      <PageHeading title={t('review.title')}>
        <ReviewTools isFinal={isFinal} undo={undo} redo={redo} hasSound={playback !== undefined} />
      </PageHeading>
      <ReviewState review={review} isFinal={isFinal} />
      <ScribeFault fault={error} />
      <Box sx={{ display: 'grid', gap: 2, gridTemplateColumns: { xs: '1fr', md: '1.2fr 1fr' } }}>
        <Stack spacing={2}>
          <Paper variant="outlined" sx={{ p: 2 }}>
            {templates && (
              <TemplateField
                templates={templates.all}
                chosen={template}
                onChoose={(id) => change({ ...edits, template: id })}
              />
            )}
            <NoteEditor
              sections={sections}
              phrasesOf={(section) => phrasesLeft(template, section)}
              chosen={chosen}
              isFinal={isFinal}
              onChoose={({ id, source }) => show(id, source)}
              onChange={(changed) => change({ ...edits, sections: changed })}
            />
          </Paper>
          {proposals.length > 0 && (
            <Paper variant="outlined" sx={{ p: 2 }}>
              <Proposals
                proposals={proposals}
                verdicts={edits.verdicts}
                isFinal={isFinal}
                onShow={(sources) => show(undefined, sources)}
                onDecide={(id, verdict) =>
                  change({ ...edits, verdicts: { ...edits.verdicts, [id]: verdict } })
                }
              />
            </Paper>
          )}
          {isFinal ? (
            <AfterSigning review={review} signer={signer} />
          ) : (
            <SignBar onSign={ask} undecided={undecided} all={proposals.length} />
          )}
        </Stack>
        <Paper
          variant="outlined"
          sx={{ p: 2, alignSelf: 'start', position: { md: 'sticky' }, top: { md: '5rem' } }}
        >
          <Transcript cues={cues} marked={marked} playback={playback} />
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
