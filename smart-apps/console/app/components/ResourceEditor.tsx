/** A stored resource to edit, as a form or as JSON; saved only over the version that was opened. */
import { useState } from 'react';
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import type { Resource } from '@medplum/fhirtypes';
import { FaultAlert, goTo } from '@dr-assistant/ui/layout';
import type { ApiFault } from '@dr-assistant/ui/session';
import { useSendMutation } from '../api/console-api.ts';
import { fieldRemarks } from '../pure/field-remarks.ts';
import { pathTo } from '../routes.ts';
import { useText } from '../words.ts';
import { FormEditor } from './FormEditor.tsx';
import { JsonEditor } from './JsonEditor.tsx';
import { useCheckedJson } from './use-checked-json.ts';

interface Props {
  readonly resource: Resource;
  /** What is written in one is in the other. */
  readonly as: 'form' | 'json';
  readonly onReload: () => void;
}

export function ResourceEditor({ resource, as, onReload }: Props) {
  const t = useText();
  // A save by somebody else must not replace what is being written here.
  const [opened] = useState(resource);
  const { resourceType: type, id = '' } = opened;
  const before = JSON.stringify(opened, undefined, 2);
  const editing = useCheckedJson(before, `${type}/${id}/$validate?mode=update`);
  const [send, { error, isLoading }] = useSendMutation();
  const fault = error as ApiFault | undefined;
  const save = async (): Promise<void> => {
    if (editing.document === undefined) return;
    const answer = await send({
      url: `${type}/${id}`,
      method: 'PUT',
      resource: editing.document,
      headers: { 'If-Match': `W/"${opened.meta?.versionId ?? ''}"` },
    });
    if (answer.error === undefined) goTo(pathTo('resource', { type, id }, { show: 'view' }));
    else if ((answer.error as ApiFault).status !== 412)
      editing.refuse((answer.error as ApiFault).issues ?? []);
  };
  return (
    <>
      {as === 'json' && (
        <JsonEditor
          label={t('editor.json')}
          value={editing.text}
          remarks={editing.remarks}
          state={editing.state}
          onChange={editing.setText}
          onSave={() => void save()}
        />
      )}
      {as === 'form' && editing.document === undefined && (
        <Alert severity="error">{t('form.no-document')}</Alert>
      )}
      {as === 'form' && editing.document !== undefined && (
        <FormEditor
          document={editing.document}
          {...fieldRemarks(editing.text, editing.document, editing.remarks)}
          state={editing.state}
          onChange={(changed) => editing.setText(JSON.stringify(changed, undefined, 2))}
        />
      )}
      {fault?.status === 412 ? (
        <Alert
          severity="warning"
          action={
            <>
              <Button
                href={pathTo('resource', { type, id }, { show: 'history' })}
                target="_blank"
                rel="noopener"
              >
                {t('editor.see-changes')}
              </Button>
              <Button onClick={onReload}>{t('editor.load-newest')}</Button>
            </>
          }
        >
          {t('editor.overtaken', { version: opened.meta?.versionId })}
        </Alert>
      ) : (
        <FaultAlert fault={error} hint={t('editor.kept')} />
      )}
      <Box sx={{ display: 'flex', gap: 1 }}>
        <Button
          variant="contained"
          disabled={editing.document === undefined || isLoading || editing.text === before}
          onClick={() => void save()}
        >
          {t('editor.save')}
        </Button>
        <Button disabled={editing.text === before} onClick={() => editing.setText(before)}>
          {t('editor.revert')}
        </Button>
      </Box>
    </>
  );
}
