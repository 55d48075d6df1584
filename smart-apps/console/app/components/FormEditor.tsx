/** A document as a form: a field for each value that it has, with what is wrong with it below. */
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Checkbox from '@mui/material/Checkbox';
import FormControlLabel from '@mui/material/FormControlLabel';
import Stack from '@mui/material/Stack';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { LiveRegion } from '@dr-assistant/ui/layout';
import {
  expressionOf,
  formOf,
  isItem,
  nameOf,
  withCopy,
  withValue,
  type FormNode,
  type Path,
} from '../pure/form-fields.ts';
import { useText } from '../words.ts';

interface Form {
  readonly document: object;
  /** By the place of a value: `name[0].family`. */
  readonly remarks: ReadonlyMap<string, string>;
  readonly onChange: (document: object) => void;
}

interface Props extends Form {
  /** What is known of the document as a whole, and what is said of no field of it. */
  readonly state: string;
  readonly others: readonly string[];
}

export function FormEditor({ state, others, ...form }: Props) {
  const t = useText();
  return (
    <Stack
      spacing={2}
      component="form"
      aria-label={t('form.label')}
      onSubmit={(event) => event.preventDefault()}
    >
      <Nodes nodes={formOf(form.document)} form={form} />
      <Typography variant="body2" color="text.secondary">
        {t('form.others')}
      </Typography>
      <LiveRegion>
        {others.map((text) => (
          <Typography key={text} variant="body2" color="error">
            {text}
          </Typography>
        ))}
        <Typography variant="body2" color="text.secondary">
          {form.remarks.size + others.length > 0
            ? t('editor.faults', { count: form.remarks.size + others.length })
            : state}
        </Typography>
      </LiveRegion>
    </Stack>
  );
}

function Nodes({ nodes, form }: { nodes: readonly FormNode[]; form: Form }) {
  return nodes.map((node) =>
    node.kind === 'group' ? (
      <Group key={expressionOf(node.path)} node={node} form={form} />
    ) : (
      <Field key={expressionOf(node.path)} node={node} form={form} />
    ),
  );
}

function Group({ node, form }: { node: Extract<FormNode, { kind: 'group' }>; form: Form }) {
  return (
    <Box
      component="fieldset"
      sx={{ border: 1, borderColor: 'divider', borderRadius: 1, p: 2, m: 0, minWidth: 0 }}
    >
      <Typography component="legend" variant="body2" sx={{ px: 1, fontWeight: 600 }}>
        {nameOf(node.path)}
      </Typography>
      <Stack spacing={2}>
        <Nodes nodes={node.children} form={form} />
        <Buttons path={node.path} form={form} />
      </Stack>
    </Box>
  );
}

function Buttons({ path, form: { document, onChange } }: { path: Path; form: Form }) {
  const t = useText();
  const what = expressionOf(path);
  return (
    <Stack direction="row" spacing={1} useFlexGap sx={{ flexWrap: 'wrap' }}>
      {isItem(path) && (
        <Button
          size="small"
          aria-label={t('form.copy-of', { what })}
          onClick={() => onChange(withCopy(document, path))}
        >
          {t('form.copy')}
        </Button>
      )}
      <Button
        size="small"
        color="error"
        aria-label={t('form.remove-of', { what })}
        onClick={() => onChange(withValue(document, path, undefined))}
      >
        {t('form.remove')}
      </Button>
    </Stack>
  );
}

function Field({ node, form }: { node: Exclude<FormNode, { kind: 'group' }>; form: Form }) {
  const { path, value } = node;
  const { document, remarks, onChange } = form;
  const remark = remarks.get(expressionOf(path));
  const change = (next: unknown): void => onChange(withValue(document, path, next));
  return (
    <Stack direction="row" spacing={1} sx={{ alignItems: 'start' }}>
      {node.kind === 'boolean' ? (
        <FormControlLabel
          sx={{ flexGrow: 1 }}
          label={nameOf(path)}
          control={<Checkbox checked={value === true} onChange={({ target }) => change(target.checked)} />}
        />
      ) : (
        <TextField
          fullWidth
          size="small"
          label={nameOf(path)}
          value={String(value)}
          type={node.kind === 'number' ? 'number' : 'text'}
          multiline={typeof value === 'string' && value.length > 80}
          error={remark !== undefined}
          helperText={remark}
          onChange={({ target }) => change(valueOf(node.kind, target.value))}
          slotProps={{ htmlInput: { step: 'any' } }}
        />
      )}
      <Buttons path={path} form={form} />
    </Stack>
  );
}

/** An empty text stays while it is written, and the server says that it may not be; an empty number is none. */
function valueOf(kind: FormNode['kind'], text: string): string | number | undefined {
  if (kind !== 'number') return text;
  return text === '' ? undefined : Number(text);
}
