/** A password or secret that the server tells once. It is on the page as long as the page is, and nowhere else. */
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { useText } from '../words.ts';

export function SecretOnce({ label, secret }: { label: string; secret: string | undefined }) {
  const t = useText();
  if (secret === undefined) return null;
  return (
    <Alert
      severity="success"
      action={<Button onClick={() => void navigator.clipboard.writeText(secret)}>{t('secret.copy')}</Button>}
    >
      {label}{' '}
      <Box component="code" sx={{ fontSize: '1rem', userSelect: 'all', overflowWrap: 'anywhere' }}>
        {secret}
      </Box>{' '}
      {t('secret.once')}
    </Alert>
  );
}
