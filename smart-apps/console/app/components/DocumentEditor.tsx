/** A document of the admin API as JSON, with what the API says of it on its lines when it is saved. */
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { FaultAlert } from '@dr-assistant/ui/layout';
import type { ApiFault } from '@dr-assistant/ui/session';
import { useSendMutation, type Loaded } from '../api/console-api.ts';
import { useText } from '../words.ts';
import { JsonEditor } from './JsonEditor.tsx';
import { useCheckedJson } from './use-checked-json.ts';

interface Props {
  readonly label: string;
  /** As it was loaded, or what a new one starts with. */
  readonly document: object;
  readonly save: string;
  /** How it is sent. */
  readonly to: (document: object) => {
    readonly url: string;
    readonly method: 'POST' | 'PUT';
    readonly headers?: Readonly<Record<string, string>>;
  };
  readonly onSaved?: (answer: Loaded) => void;
}

export function DocumentEditor({ label, document, save, to, onSaved }: Props) {
  const t = useText();
  const editing = useCheckedJson(JSON.stringify(document, undefined, 2), undefined);
  const [send, { error, isLoading, isSuccess }] = useSendMutation();
  const submit = async (): Promise<void> => {
    const { document: resource } = editing;
    if (resource === undefined) return;
    const answer = await send({ ...to(resource), resource });
    if (answer.error !== undefined) editing.refuse((answer.error as ApiFault).issues ?? []);
    else onSaved?.(answer.data);
  };
  return (
    <>
      <JsonEditor
        label={label}
        value={editing.text}
        remarks={editing.remarks}
        state={isSuccess ? t('editor.saved') : ''}
        onChange={editing.setText}
        onSave={() => void submit()}
      />
      <FaultAlert fault={error} words={{ 412: t('editor.overtaken-document') }} />
      <Box>
        <Button
          variant="contained"
          disabled={editing.document === undefined || isLoading}
          onClick={() => void submit()}
        >
          {save}
        </Button>
      </Box>
    </>
  );
}
