/** Which template the note follows. */
import TextField from '@mui/material/TextField';
import type { NoteTemplate } from '../api/note-template.ts';
import { useText } from '../words.ts';

interface Props {
  readonly templates: readonly NoteTemplate[];
  readonly chosen: NoteTemplate | undefined;
  /** Given the id of a template, or '' for none. */
  readonly onChoose: (id: string) => void;
}

export function TemplateField({ templates, chosen, onChoose }: Props) {
  const t = useText();
  if (templates.length === 0) return null;
  return (
    <TextField
      select
      size="small"
      label={t('template.label')}
      value={chosen?.id ?? ''}
      onChange={(event) => onChoose(event.target.value)}
      sx={{ minWidth: '14rem', mb: 2 }}
      slotProps={{ select: { native: true }, inputLabel: { shrink: true } }}
    >
      <option value="">{t('template.none')}</option>
      {templates.map(({ id, title }) => (
        <option key={id} value={id}>
          {title}
        </option>
      ))}
    </TextField>
  );
}
