/** Before anything is recorded: the clinician confirms that the patient agrees; later the patient may take it back. */
import { useState, type ReactNode } from 'react';
import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import LinearProgress from '@mui/material/LinearProgress';
import Stack from '@mui/material/Stack';
import Typography from '@mui/material/Typography';
import { formatDate } from '@dr-assistant/ui/format';
import { useWords } from '@dr-assistant/ui/i18n';
import { ConfirmDialog } from '@dr-assistant/ui/layout';
import type { PatientSession } from '@dr-assistant/ui/session';
import { useConsentQuery, useGiveConsentMutation, useWithdrawConsentMutation } from '../api/scribe-api.ts';
import { useUploads } from '../recording/use-uploads.ts';
import { useText } from '../words.ts';
import { ScribeFault } from './ScribeFault.tsx';

/** What was agreed elsewhere is seen after this long, also while a recording runs. */
const POLL_MS = 15_000;

interface Props {
  readonly session: PatientSession;
  /** What is possible under the Consent with this id. */
  readonly children: (consentId: string) => ReactNode;
}

export function ConsentGate({ session, children }: Props) {
  const t = useText();
  const words = useWords();
  const { patientId, encounterId, fhirUser } = session;
  const visit = { patientId, fhirUser, ...(encounterId === undefined ? {} : { encounterId }) };
  const { data: consent, error } = useConsentQuery(visit, {
    refetchOnMountOrArgChange: true,
    pollingInterval: POLL_MS,
  });
  const [give, { isLoading, error: refused }] = useGiveConsentMutation();
  const [withdraw, { error: stays }] = useWithdrawConsentMutation();
  const [isAsking, setAsking] = useState(false);
  const { uploads } = useUploads();
  const takeBack = async (): Promise<void> => {
    setAsking(false);
    if (!consent) return;
    const { error: failed } = await withdraw({ consent, fhirUser });
    if (failed === undefined) await uploads.discardAll(patientId);
  };
  return (
    <Stack spacing={2} sx={{ width: '100%', alignItems: 'start' }}>
      <ScribeFault fault={(consent === undefined ? error : undefined) ?? refused ?? stays} />
      {consent === undefined && error === undefined && (
        <LinearProgress aria-label={t('consent.loading')} sx={{ width: '100%' }} />
      )}
      {consent === null && (
        <>
          <Typography>{t('consent.say')}</Typography>
          <Button variant="contained" disabled={isLoading} onClick={() => void give(visit)}>
            {t('consent.agrees')}
          </Button>
        </>
      )}
      {consent && (
        <>
          <Alert
            severity="success"
            sx={{ width: '100%' }}
            action={<Button onClick={() => setAsking(true)}>{t('consent.withdraw')}</Button>}
          >
            {t('consent.given', { time: formatDate(consent.dateTime ?? '', words) })}
          </Alert>
          {children(consent.id ?? '')}
        </>
      )}
      <ConfirmDialog
        isOpen={isAsking}
        title={t('consent.withdraw-title')}
        confirm={t('consent.withdraw')}
        onConfirm={() => void takeBack()}
        onCancel={() => setAsking(false)}
      >
        {t('consent.withdraw-asks')}
      </ConfirmDialog>
    </Stack>
  );
}
