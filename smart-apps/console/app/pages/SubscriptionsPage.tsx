/** Subscriptions: whether they work, what waits, what was given up, and how that is sent again. */
import { useState } from 'react';
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Chip from '@mui/material/Chip';
import Link from '@mui/material/Link';
import type { Bundle, Subscription } from '@medplum/fhirtypes';
import { FaultAlert, PageHeading } from '@dr-assistant/ui/layout';
import { matchesOf } from '@dr-assistant/ui/session';
import type { DeliveryFigures } from '../api/admin-documents.ts';
import { useDocument, useSendMutation } from '../api/console-api.ts';
import { BundlePages } from '../components/BundlePages.tsx';
import { ConfirmedAction } from '../components/ConfirmedAction.tsx';
import { DataTable } from '../components/DataTable.tsx';
import { Loading } from '../components/Loading.tsx';
import { pathTo } from '../routes.ts';
import { useText } from '../words.ts';

export default function SubscriptionsPage() {
  const t = useText();
  const [page, setPage] = useState<string>();
  const found = useDocument<Bundle>(page ?? 'Subscription?_count=50&_sort=_id&_total=accurate');
  const figures = useDocument<{ subscriptions: readonly DeliveryFigures[] }>('/admin/subscriptions');
  const [replayed, setReplayed] = useState<string>();
  const [send, { error }] = useSendMutation();
  const replay = async (id: string): Promise<void> => {
    setReplayed(undefined);
    const answer = await send({ url: `/admin/subscriptions/${id}/replay`, method: 'POST' });
    if (answer.error !== undefined) return;
    const { replayed: count } = answer.data.body as { replayed: number };
    setReplayed(t('subscriptions.replayed', { count, id }));
  };
  return (
    <>
      <PageHeading title={t('subscriptions.title')}>
        <Button
          onClick={() => {
            found.reload();
            figures.reload();
          }}
        >
          {t('app.reload')}
        </Button>
      </PageHeading>
      <Loading of={found} />
      <FaultAlert fault={figures.fault} />
      <FaultAlert fault={error} />
      <div role="status">{replayed !== undefined && <Alert severity="success">{replayed}</Alert>}</div>
      {found.data !== undefined && (
        <>
          <DataTable
            label={t('subscriptions.title')}
            columns={[t('subscriptions.id'), t('subscriptions.criteria'), t('subscriptions.channel'), t('subscriptions.status'), t('subscriptions.waiting'), t('subscriptions.failed'), t('subscriptions.again')]} // prettier-ignore
            rows={matchesOf<Subscription>(found.data).map((subscription) => {
              const { id = '', criteria, channel } = subscription;
              const figure = figures.data?.subscriptions.find((f) => f.subscriptionId === id);
              return {
                key: id,
                cells: [
                  <Link key="id" href={pathTo('resource', { type: 'Subscription', id })}>
                    {id}
                  </Link>,
                  criteria,
                  t('subscriptions.to', { type: channel.type, endpoint: channel.endpoint ?? '' }),
                  <Status key="status" subscription={subscription} figure={figure} />,
                  figure === undefined || figure.pending === 0
                    ? 0
                    : t('subscriptions.oldest', {
                        pending: figure.pending,
                        seconds: Math.round(figure.lagMs / 1_000),
                      }),
                  figure?.failed ?? 0,
                  <ConfirmedAction
                    key="again"
                    label={t('subscriptions.replay')}
                    text={t('subscriptions.replay-text', { id })}
                    disabled={(figure?.failed ?? 0) === 0 && subscription.status !== 'error'}
                    onConfirm={() => void replay(id)}
                  />,
                ],
              };
            })}
            none={t('subscriptions.none')}
          />
          <BundlePages bundle={found.data} onPage={setPage} />
        </>
      )}
    </>
  );
}

interface StatusProps {
  readonly subscription: Subscription;
  readonly figure: DeliveryFigures | undefined;
}

function Status({ subscription: { status, error }, figure }: StatusProps) {
  const reason = error ?? figure?.lastError;
  return (
    <Box>
      <Chip
        size="small"
        variant="outlined"
        label={status}
        color={status === 'error' ? 'error' : status === 'active' ? 'success' : 'default'}
      />
      {reason !== undefined && <Box sx={{ mt: 0.5, overflowWrap: 'anywhere' }}>{reason}</Box>}
    </Box>
  );
}
