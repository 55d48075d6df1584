/** One policy as JSON, whose faults stand on their lines. */
import Box from '@mui/material/Box';
import Link from '@mui/material/Link';
import { FaultAlert, goTo, PageHeading } from '@dr-assistant/ui/layout';
import type { Policy } from '../api/admin-documents.ts';
import { useDocument, useSendMutation } from '../api/console-api.ts';
import { ConfirmedAction } from '../components/ConfirmedAction.tsx';
import { DocumentEditor } from '../components/DocumentEditor.tsx';
import { Loading } from '../components/Loading.tsx';
import { pathTo } from '../routes.ts';
import { useText } from '../words.ts';

export default function PolicyPage({ name }: { name: string }) {
  const t = useText();
  const url = `/admin/policies/${name}`;
  const { data: policy, etag = '', ...loading } = useDocument<Policy>(url);
  const [send, { error }] = useSendMutation();
  const remove = async (): Promise<void> => {
    const headers = { 'If-Match': etag };
    const answer = await send({ url, method: 'DELETE', headers, isQuestion: true });
    if (answer.error === undefined) goTo(pathTo('policies', {}));
  };
  return (
    <>
      <Link href={pathTo('policies', {})} sx={{ justifySelf: 'start' }}>
        {t('policies.all')}
      </Link>
      <PageHeading title={t('policies.named', { name })}>
        <Box>
          <ConfirmedAction
            label={t('policies.delete')}
            text={t('policies.delete-text', { name })}
            isDangerous
            disabled={policy === undefined}
            onConfirm={() => void remove()}
          />
        </Box>
      </PageHeading>
      <Loading of={loading} />
      <FaultAlert fault={error} />
      {policy !== undefined && (
        <DocumentEditor
          key={etag}
          label={t('policies.document')}
          document={policy}
          save={t('editor.save')}
          to={() => ({ url, method: 'PUT', headers: { 'If-Match': etag } })}
        />
      )}
    </>
  );
}
