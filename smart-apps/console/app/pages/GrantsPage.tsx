/** What users have allowed apps, and how that is taken back. */
import { useState } from 'react';
import Alert from '@mui/material/Alert';
import Link from '@mui/material/Link';
import { formatInstant } from '@dr-assistant/ui/format';
import { useWords } from '@dr-assistant/ui/i18n';
import { FaultAlert, PageHeading } from '@dr-assistant/ui/layout';
import type { Grant } from '../api/admin-documents.ts';
import { useDocument, useSendMutation } from '../api/console-api.ts';
import { ConfirmedAction } from '../components/ConfirmedAction.tsx';
import { DataTable } from '../components/DataTable.tsx';
import { Loading } from '../components/Loading.tsx';
import { MorePages, PAGE_SIZE } from '../components/MorePages.tsx';
import { pathTo, useRoute } from '../routes.ts';
import { useText } from '../words.ts';

export default function GrantsPage() {
  const t = useText();
  const words = useWords();
  const asked = useRoute().query;
  const [after, setAfter] = useState('');
  const query = new URLSearchParams({ limit: String(PAGE_SIZE), after });
  const of = (['user', 'client'] as const).filter((name) => asked.has(name));
  for (const name of of) query.set(name, asked.get(name) ?? '');
  const list = useDocument<{ grants: readonly Grant[] }>(`/admin/grants?${query.toString()}`);
  const grants = list.data?.grants;
  const [send, { error }] = useSendMutation();
  return (
    <>
      <PageHeading title={t('grants.title')} />
      {of.map((name) => (
        <Alert key={name} severity="info">
          {t(`grants.of-${name}`)} <Link href={pathTo('grants', {})}>{t('grants.all')}</Link>
        </Alert>
      ))}
      <Loading of={list} />
      <FaultAlert fault={error} />
      {grants !== undefined && (
        <DataTable
          label={t('grants.title')}
          columns={[t('grants.user'), t('grants.client'), t('grants.scope'), t('grants.since'), t('grants.until'), t('grants.end')]} // prettier-ignore
          rows={grants.map((grant) => ({
            key: grant.id,
            cells: [
              grant.username ?? grant.userId,
              grant.clientName ?? grant.clientId,
              grant.scope.join(' '),
              formatInstant(grant.grantedAt, words),
              formatInstant(grant.expiresAt, words),
              <ConfirmedAction
                key="end"
                label={t('grants.revoke')}
                text={t('grants.revoke-text', {
                  user: grant.username ?? grant.userId,
                  client: grant.clientName ?? grant.clientId,
                })}
                onConfirm={() =>
                  void send({ url: `/admin/grants/${encodeURIComponent(grant.id)}`, method: 'DELETE' })
                }
              />,
            ],
          }))}
          none={t('grants.none')}
        />
      )}
      <MorePages
        after={after}
        last={grants?.length === PAGE_SIZE ? grants.at(-1)?.id : undefined}
        onPage={setAfter}
      />
    </>
  );
}
