/** Registered apps and services, and the registration of another. */
import { useState } from 'react';
import Link from '@mui/material/Link';
import { PageHeading } from '@dr-assistant/ui/layout';
import type { Client } from '../api/admin-documents.ts';
import { useDocument } from '../api/console-api.ts';
import { DataTable } from '../components/DataTable.tsx';
import { DocumentEditor } from '../components/DocumentEditor.tsx';
import { Loading } from '../components/Loading.tsx';
import { MorePages, PAGE_SIZE } from '../components/MorePages.tsx';
import { Panel } from '../components/Panel.tsx';
import { SecretOnce } from '../components/SecretOnce.tsx';
import { pathTo } from '../routes.ts';
import { useText } from '../words.ts';

const NEW = {
  name: '',
  scope: 'openid fhirUser launch patient/Patient.rs',
  redirectUris: ['https://'],
  launchUris: ['https://'],
};

export default function ClientsPage() {
  const t = useText();
  const [after, setAfter] = useState('');
  const [made, setMade] = useState<Client>();
  const list = useDocument<{ clients: readonly Client[] }>(
    `/admin/clients?limit=${PAGE_SIZE}&after=${encodeURIComponent(after)}`,
  );
  const clients = list.data?.clients;
  return (
    <>
      <PageHeading title={t('clients.title')} />
      <Loading of={list} />
      {clients !== undefined && (
        <DataTable
          label={t('clients.title')}
          columns={[
            t('clients.id'),
            t('clients.name'),
            t('clients.kind'),
            t('clients.keys'),
            t('clients.scope'),
          ]}
          rows={clients.map((client) => ({
            key: client.clientId,
            cells: [
              <Link key="id" href={pathTo('client', { id: client.clientId })}>
                {client.clientId}
              </Link>,
              client.name,
              client.redirectUris === undefined ? t('clients.service') : t('clients.app'),
              <Keys key="keys" client={client} />,
              client.scope,
            ],
          }))}
          none={t('clients.none')}
        />
      )}
      <MorePages
        after={after}
        last={clients?.length === PAGE_SIZE ? clients.at(-1)?.clientId : undefined}
        onPage={setAfter}
      />
      <Panel title={t('clients.new')}>
        <DocumentEditor
          label={t('clients.document')}
          document={NEW}
          save={t('clients.register')}
          to={() => ({ url: '/admin/clients', method: 'POST' })}
          onSaved={({ body }) => setMade(body as Client)}
        />
        <div role="status">
          {made !== undefined && (
            <>
              <Link href={pathTo('client', { id: made.clientId })}>
                {t('clients.registered', { id: made.clientId })}
              </Link>
              <SecretOnce label={t('clients.new-secret')} secret={made.clientSecret} />
            </>
          )}
        </div>
      </Panel>
    </>
  );
}

function Keys({ client: { jwks, jwksUri, hasSecret } }: { client: Client }) {
  const t = useText();
  const kinds = [
    jwksUri,
    jwks && t('clients.key-count', { count: jwks.keys.length }),
    hasSecret ? t('clients.secret') : undefined,
  ].filter(Boolean);
  return <>{kinds.length === 0 ? t('clients.no-keys') : kinds.join(', ')}</>;
}
