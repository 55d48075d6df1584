/** A failed request in the server's words; an ended session leads back to the log-in. */
import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import type { ApiFault } from '../api/scribe-api.ts';

const CONFLICT =
  'Somebody else changed this note meanwhile. Reload to see the newest state; your edits are kept.';

export function FaultAlert({ fault }: { fault: unknown }) {
  if (fault === undefined) return null;
  const { status, text } = fault as ApiFault;
  if (status === 401)
    return (
      <Alert
        severity="info"
        action={
          <Button
            onClick={() => {
              sessionStorage.clear();
              location.reload();
            }}
          >
            Log in again
          </Button>
        }
      >
        Your session has ended. What you had edited is kept in this browser.
      </Alert>
    );
  return <Alert severity="error">{status === 412 ? CONFLICT : text}</Alert>;
}
