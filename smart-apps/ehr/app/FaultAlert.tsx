/** A failed request in the server's words; an ended session leads back to the log-in. */
import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import type { ApiFault } from './ehr-api.ts';

export function FaultAlert({ fault, onExpired }: { fault: ApiFault; onExpired: () => void }) {
  if (fault.status !== 401) return <Alert severity="error">{fault.text}</Alert>;
  return (
    <Alert severity="info" action={<Button onClick={onExpired}>Log in again</Button>}>
      Your session has ended.
    </Alert>
  );
}
