/** A failed request in the server's words; an ended session leads back to the log-in. */
import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import { useUiText } from '../i18n/index.ts';
import { logInAgain, type ApiFault } from '../session/index.ts';

interface Props {
  /** What RTK Query answers as `error`; nothing is shown for undefined. */
  readonly fault: unknown;
  /** Follows "Your session has ended." */
  readonly hint?: string;
  /** Words of the app's own for a status or an ApiError's code: `{ 412: '…', 'draft-missing': '…' }`. */
  readonly words?: Readonly<Record<string, string>>;
}

export function FaultAlert({ fault, hint, words = {} }: Props) {
  const t = useUiText();
  if (fault === undefined || fault === null) return null;
  const { status = 0, text = '', code = '' } = fault as Partial<ApiFault>;
  if (status === 401)
    return (
      <Alert severity="info" action={<Button onClick={logInAgain}>{t('fault.again')}</Button>}>
        {[t('fault.ended'), hint].filter(Boolean).join(' ')}
      </Alert>
    );
  const unsaid = status === 0 ? t('fault.offline') : t('fault.refused', { status });
  return <Alert severity="error">{words[code] ?? words[status] ?? (text === '' ? unsaid : text)}</Alert>;
}
