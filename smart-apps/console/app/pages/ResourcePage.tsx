/** One resource: as a person reads it, as a form or as JSON to edit, and how it came to be. */
import { useState } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Link from '@mui/material/Link';
import Paper from '@mui/material/Paper';
import Typography from '@mui/material/Typography';
import type { Resource } from '@medplum/fhirtypes';
import { ResourceView } from '@dr-assistant/ui/fhir';
import { formatInstant } from '@dr-assistant/ui/format';
import { useWords } from '@dr-assistant/ui/i18n';
import { ConfirmDialog, FaultAlert, goTo, PageHeading } from '@dr-assistant/ui/layout';
import { useDocument, useSendMutation } from '../api/console-api.ts';
import { HistoryPanel } from '../components/HistoryPanel.tsx';
import { Loading } from '../components/Loading.tsx';
import { ResourceEditor } from '../components/ResourceEditor.tsx';
import { pathOfReference, pathTo } from '../routes.ts';
import { summaryOf } from '../pure/summary.ts';
import { useText } from '../words.ts';

const TABS = ['view', 'form', 'json', 'history'] as const;
type Tab = (typeof TABS)[number];

export default function ResourcePage({ type, id, tab }: { type: string; id: string; tab: string }) {
  const t = useText();
  const words = useWords();
  const stored = useDocument<Resource>(`${type}/${id}`);
  const { data } = stored;
  const shown: Tab = TABS.find((name) => name === tab) ?? 'view';
  return (
    <>
      <Link href={pathTo('search', { type })} sx={{ justifySelf: 'start' }}>
        {t('resource.all', { type })}
      </Link>
      <PageHeading title={`${type}/${id}`}>
        {data !== undefined && <DeleteButton type={type} id={id} />}
      </PageHeading>
      {data !== undefined && (
        <Typography color="text.secondary">
          {summaryOf(data, words)}
          {' · '}
          {t('resource.version', {
            version: data.meta?.versionId,
            updated: formatInstant(data.meta?.lastUpdated ?? '', words),
          })}
        </Typography>
      )}
      <Box component="nav" aria-label={t('resource.parts')} sx={{ display: 'flex', gap: 1 }}>
        {TABS.map((name) => (
          <Button
            key={name}
            href={pathTo('resource', { type, id }, { show: name })}
            variant={shown === name ? 'contained' : 'outlined'}
            aria-current={shown === name ? 'page' : false}
          >
            {t(`resource.${name}`)}
          </Button>
        ))}
      </Box>
      {/* The history of what was deleted is there still. */}
      {shown !== 'history' && <Loading of={stored} />}
      {shown === 'view' && data !== undefined && (
        <Paper variant="outlined" sx={{ p: 2 }}>
          <ResourceView resource={data} hrefOf={pathOfReference} />
        </Paper>
      )}
      {(shown === 'json' || shown === 'form') && data !== undefined && (
        <ResourceEditor key={data.meta?.versionId} resource={data} as={shown} onReload={stored.reload} />
      )}
      {shown === 'history' && <HistoryPanel type={type} id={id} />}
    </>
  );
}

function DeleteButton({ type, id }: { type: string; id: string }) {
  const t = useText();
  const [isAsking, setIsAsking] = useState(false);
  const [send, { error }] = useSendMutation();
  const remove = async (): Promise<void> => {
    setIsAsking(false);
    // Nothing of this page is to be loaded again.
    const answer = await send({ url: `${type}/${id}`, method: 'DELETE', isQuestion: true });
    if (answer.error === undefined) goTo(pathTo('search', { type }));
  };
  return (
    <Box>
      <Button color="error" variant="outlined" onClick={() => setIsAsking(true)}>
        {t('resource.delete')}
      </Button>
      <FaultAlert fault={error} />
      <ConfirmDialog
        isOpen={isAsking}
        title={t('resource.delete-title', { what: `${type}/${id}` })}
        confirm={t('resource.delete')}
        onConfirm={() => void remove()}
        onCancel={() => setIsAsking(false)}
      >
        {t('resource.delete-text')}
      </ConfirmDialog>
    </Box>
  );
}
