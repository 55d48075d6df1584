/** Leaves: what this browser keeps of patients goes first, then the session ends at the authorization server. */
import { useState } from 'react';
import Button from '@mui/material/Button';
import { ConfirmDialog } from '@dr-assistant/ui/layout';
import type { Session } from '@dr-assistant/ui/session';
import { forgetEdits, hasEdits } from '../hooks/use-saved-edits.ts';
import { useUploads } from '../recording/use-uploads.ts';
import { useText } from '../words.ts';

export function LogOut({ session }: { session: Session }) {
  const t = useText();
  const { uploads, views } = useUploads();
  const [isAsking, setAsking] = useState(false);
  const leave = async (): Promise<void> => {
    await uploads.discardAll();
    forgetEdits(session.fhirUser);
    sessionStorage.clear();
    location.assign(new URL('/oauth2/logout', session.fhirBase));
  };
  const isUnsent = views.length > 0 || hasEdits(session.fhirUser);
  return (
    <>
      <Button color="inherit" sx={{ ml: 'auto' }} onClick={() => (isUnsent ? setAsking(true) : void leave())}>
        {t('app.log-out')}
      </Button>
      <ConfirmDialog
        isOpen={isAsking}
        title={t('log-out.title')}
        confirm={t('app.log-out')}
        onConfirm={() => void leave()}
        onCancel={() => setAsking(false)}
      >
        {t('log-out.asks')}
      </ConfirmDialog>
    </>
  );
}
