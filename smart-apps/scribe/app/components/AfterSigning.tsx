/** What comes after the signature: what the clinician adds to the note, and what the patient takes home. */
import { useState } from 'react';
import Button from '@mui/material/Button';
import LinearProgress from '@mui/material/LinearProgress';
import Paper from '@mui/material/Paper';
import Stack from '@mui/material/Stack';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import type { Bundle, DocumentReference, Practitioner, Reference } from '@medplum/fhirtypes';
import { formatDate, formatReference } from '@dr-assistant/ui/format';
import { useWords } from '@dr-assistant/ui/i18n';
import { addendumBundle } from '../api/addendum.ts';
import { documentText } from '../api/document-bundle.ts';
import { summaryBundle, summaryText } from '../api/patient-summary.ts';
import type { Review } from '../api/review.ts';
import { useRelatedDocumentsQuery, useStoreDocumentMutation } from '../api/scribe-api.ts';
import { useSessionText } from '../hooks/use-session-text.ts';
import { useText } from '../words.ts';
import { ScribeFault } from './ScribeFault.tsx';

type Write = (
  note: DocumentReference,
  text: string,
  signer: Reference<Practitioner>,
  now: string,
  before: readonly DocumentReference[],
) => Bundle;

export function AfterSigning({ review, signer }: { review: Review; signer: Reference<Practitioner> }) {
  const t = useText();
  const words = useWords();
  const { note } = review;
  const { data, error } = useRelatedDocumentsQuery(note.id ?? '');
  if (error) return <ScribeFault fault={error} />;
  if (data === undefined) return <LinearProgress aria-label={t('addendum.loading')} />;
  const common = { note, signer };
  return (
    <>
      <Part {...common} of="addendum" documents={data.addenda} write={addendumBundle} initial="" />
      <Part
        {...common}
        of="summary"
        documents={data.summaries}
        write={summaryBundle}
        initial={summaryText(review, t, words)}
      />
    </>
  );
}

interface PartProps {
  readonly of: 'addendum' | 'summary';
  readonly note: DocumentReference;
  readonly signer: Reference<Practitioner>;
  /** Those that there are, the oldest first. */
  readonly documents: readonly DocumentReference[];
  readonly write: Write;
  /** What a new one begins with. */
  readonly initial: string;
}

function Part({ of, note, signer, documents, write, initial }: PartProps) {
  const t = useText();
  const [isOpen, setOpen] = useState(false);
  return (
    <Paper component="section" variant="outlined" sx={{ p: 2 }} aria-label={t(`${of}.title`)}>
      <Stack spacing={2} sx={{ alignItems: 'start' }}>
        <Typography variant="h2">{t(`${of}.title`)}</Typography>
        {documents.map((document) => (
          <Signed key={document.id} document={document} />
        ))}
        {isOpen ? (
          <Form
            of={of}
            initial={initial}
            textKey={`${of} ${note.id ?? ''}`}
            bundle={(text) => write(note, text, signer, new Date().toISOString(), documents)}
            onDone={() => setOpen(false)}
          />
        ) : (
          <Button variant="outlined" onClick={() => setOpen(true)}>
            {t(documents.length === 0 ? `${of}.write` : `${of}.write-another`)}
          </Button>
        )}
      </Stack>
    </Paper>
  );
}

function Signed({ document }: { document: DocumentReference }) {
  const t = useText();
  const words = useWords();
  const signer = formatReference(document.authenticator ?? {}, words);
  return (
    <div>
      <Typography sx={{ whiteSpace: 'pre-line', overflowWrap: 'anywhere' }}>
        {documentText(document)}
      </Typography>
      <Typography variant="body2" color="text.secondary">
        {t('review.signed-on', { signer, time: formatDate(document.date ?? '', words) })}
      </Typography>
    </div>
  );
}

interface FormProps {
  readonly of: PartProps['of'];
  readonly initial: string;
  /** Where what was written survives a reload of this tab. */
  readonly textKey: string;
  readonly bundle: (text: string) => Bundle;
  readonly onDone: () => void;
}

function Form({ of, initial, textKey, bundle, onDone }: FormProps) {
  const t = useText();
  const [text, setText] = useSessionText(textKey, initial);
  const [store, { isLoading, error }] = useStoreDocumentMutation();
  const send = async (): Promise<void> => {
    const { error: refused } = await store(bundle(text.trim()));
    if (refused !== undefined) return;
    setText('');
    onDone();
  };
  return (
    <Stack spacing={2} sx={{ width: '100%', alignItems: 'start' }}>
      <ScribeFault fault={error} />
      <TextField
        label={t(`${of}.text`)}
        helperText={t(`${of}.hint`)}
        value={text}
        onChange={(event) => setText(event.target.value)}
        multiline
        minRows={4}
        fullWidth
        autoFocus
      />
      <Stack direction="row" spacing={1}>
        <Button variant="contained" disabled={isLoading || text.trim() === ''} onClick={() => void send()}>
          {t(`${of}.send`)}
        </Button>
        <Button
          onClick={() => {
            setText('');
            onDone();
          }}
        >
          {t('addendum.cancel')}
        </Button>
      </Stack>
    </Stack>
  );
}
