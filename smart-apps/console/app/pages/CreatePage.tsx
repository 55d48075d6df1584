/** A new resource, checked while it is written. */
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import type { Resource } from '@medplum/fhirtypes';
import { FaultAlert, goTo, PageHeading } from '@dr-assistant/ui/layout';
import type { ApiFault } from '@dr-assistant/ui/session';
import { useSendMutation } from '../api/console-api.ts';
import { JsonEditor } from '../components/JsonEditor.tsx';
import { useCheckedJson } from '../components/use-checked-json.ts';
import { pathTo } from '../routes.ts';
import { useText } from '../words.ts';

export default function CreatePage({ type }: { type: string }) {
  const t = useText();
  const editing = useCheckedJson(
    JSON.stringify({ resourceType: type }, undefined, 2),
    `${type}/$validate?mode=create`,
  );
  const [send, { error, isLoading }] = useSendMutation();
  const save = async (): Promise<void> => {
    const { document: resource } = editing;
    if (resource === undefined) return;
    const headers = { Prefer: 'return=representation' };
    const answer = await send({ url: type, method: 'POST', resource, headers });
    if (answer.error !== undefined) editing.refuse((answer.error as ApiFault).issues ?? []);
    const made = answer.data?.body as Resource | undefined;
    if (made?.id !== undefined) goTo(pathTo('resource', { type, id: made.id }));
  };
  return (
    <>
      <PageHeading title={t('create.title', { type })} />
      <JsonEditor
        label={t('editor.json')}
        value={editing.text}
        remarks={editing.remarks}
        state={editing.state}
        onChange={editing.setText}
        onSave={() => void save()}
      />
      <FaultAlert fault={error} />
      <Box>
        <Button
          variant="contained"
          disabled={editing.document === undefined || isLoading}
          onClick={() => void save()}
        >
          {t('create.create')}
        </Button>
        <Button href={pathTo('search', { type })}>{t('editor.cancel')}</Button>
      </Box>
    </>
  );
}
