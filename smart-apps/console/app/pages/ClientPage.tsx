/** One registration: scopes, addresses and keys, its secret, and its end. */
import { useState } from 'react';
import Box from '@mui/material/Box';
import Link from '@mui/material/Link';
import { FaultAlert, goTo, PageHeading } from '@dr-assistant/ui/layout';
import type { Client } from '../api/admin-documents.ts';
import { useDocument, useSendMutation } from '../api/console-api.ts';
import { ConfirmedAction } from '../components/ConfirmedAction.tsx';
import { DocumentEditor } from '../components/DocumentEditor.tsx';
import { Loading } from '../components/Loading.tsx';
import { Panel } from '../components/Panel.tsx';
import { SecretOnce } from '../components/SecretOnce.tsx';
import { pathTo } from '../routes.ts';
import { useText } from '../words.ts';

export default function ClientPage({ id }: { id: string }) {
  const t = useText();
  const url = `/admin/clients/${id}`;
  const { data: client, etag = '', ...loading } = useDocument<Client>(url);
  const [secret, setSecret] = useState<string>();
  const [send, { error, isLoading }] = useSendMutation();
  const renew = async (): Promise<void> => {
    const answer = await send({ url: `${url}/secret`, method: 'POST' });
    if (answer.error === undefined) setSecret((answer.data.body as Client).clientSecret);
  };
  const remove = async (): Promise<void> => {
    const answer = await send({ url, method: 'DELETE', isQuestion: true });
    if (answer.error === undefined) goTo(pathTo('clients', {}));
  };
  return (
    <>
      <Link href={pathTo('clients', {})} sx={{ justifySelf: 'start' }}>
        {t('clients.all')}
      </Link>
      <PageHeading title={client?.name ?? id} />
      <Loading of={loading} />
      {client !== undefined && (
        <Panel title={t('clients.registration')}>
          <DocumentEditor
            key={etag}
            label={t('clients.document')}
            document={client}
            save={t('editor.save')}
            to={() => ({ url, method: 'PUT', headers: { 'If-Match': etag } })}
          />
        </Panel>
      )}
      <Panel title={t('clients.actions')}>
        <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap' }}>
          <ConfirmedAction
            label={t('clients.renew')}
            text={t('clients.renew-text')}
            disabled={isLoading}
            onConfirm={() => void renew()}
          />
          <ConfirmedAction
            label={t('clients.remove')}
            text={t('clients.remove-text')}
            isDangerous
            disabled={isLoading}
            onConfirm={() => void remove()}
          />
          <Link href={pathTo('grants', {}, { client: id })} sx={{ alignSelf: 'center' }}>
            {t('clients.grants')}
          </Link>
        </Box>
        <FaultAlert fault={error} />
        <div role="status">
          <SecretOnce label={t('clients.new-secret')} secret={secret} />
        </div>
      </Panel>
    </>
  );
}
