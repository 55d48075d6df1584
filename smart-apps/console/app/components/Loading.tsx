/** What a page says while it waits for the server, and what the server refused. */
import LinearProgress from '@mui/material/LinearProgress';
import { FaultAlert } from '@dr-assistant/ui/layout';
import type { ApiFault } from '@dr-assistant/ui/session';
import { useText } from '../words.ts';

interface Props {
  readonly of: { readonly isLoading: boolean; readonly fault: ApiFault | undefined };
}

/** The bar keeps its place, so that nothing jumps. */
export function Loading({ of: { isLoading, fault } }: Props) {
  const t = useText();
  return (
    <>
      {isLoading ? (
        <LinearProgress aria-label={t('app.loading')} sx={{ height: 3 }} />
      ) : (
        <div style={{ height: 3 }} />
      )}
      <FaultAlert fault={isLoading ? undefined : fault} words={{ 403: t('app.forbidden') }} />
    </>
  );
}
