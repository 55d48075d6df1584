/** The record once it is there; until then that it is loading, or why it cannot be had. */
import type { ReactNode } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import LinearProgress from '@mui/material/LinearProgress';
import { FaultAlert } from '@dr-assistant/ui/layout';
import type { PatientSession } from '@dr-assistant/ui/session';
import { useRecordQuery } from '../api/portal-api.ts';
import type { PatientRecord } from '../api/record.ts';
import { useText } from '../words.ts';

export function LoadedRecord({
  session,
  children,
}: {
  session: PatientSession;
  children: (record: PatientRecord) => ReactNode;
}) {
  const { data, error, refetch } = useRecordQuery(session);
  return (
    <Loaded data={data} error={error} onRetry={() => void refetch()}>
      {children}
    </Loaded>
  );
}

interface LoadedProps<T> {
  readonly data: T | undefined;
  readonly error: unknown;
  readonly onRetry: () => void;
  readonly children: (data: T) => ReactNode;
}

/** What RTK Query answers as a page: data, a fault with a second try, or that it is under way. */
export function Loaded<T>({ data, error, onRetry, children }: LoadedProps<T>) {
  const t = useText();
  if (data !== undefined)
    return (
      <>
        <FaultAlert fault={error} />
        {children(data)}
      </>
    );
  if (error === undefined) return <LinearProgress aria-label={t('app.loading')} sx={{ mt: 2 }} />;
  return (
    <Box sx={{ mt: 2 }}>
      <FaultAlert fault={error} />
      <Button onClick={onRetry} sx={{ mt: 1 }}>
        {t('app.retry')}
      </Button>
    </Box>
  );
}
