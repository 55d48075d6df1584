/** A field for one value of each type that is no choice. */
import { useState } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import TextField, { type TextFieldProps } from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import type { Coding, Quantity, QuestionnaireItem } from '@medplum/fhirtypes';
import { formatAttachment } from '@dr-assistant/ui/format';
import { useWords } from '@dr-assistant/ui/i18n';
import { attachmentOf, FILE_BYTES_MAX } from '../../forms/attachment.ts';
import type { Answer } from '../../forms/tree.ts';
import { useText } from '../../words.ts';

export interface ValueFieldProps {
  readonly definition: QuestionnaireItem;
  readonly label: string;
  readonly answer: Answer;
  readonly fault: string | undefined;
  /** Undefined when the field was emptied. */
  readonly onChange: (answer: Answer | undefined) => void;
}

interface Kind {
  readonly type?: string;
  readonly read: (answer: Answer) => string;
  readonly write: (text: string) => Answer;
}

const pad = (n: number): string => String(n).padStart(2, '0');

/** An instant as `datetime-local` has it: by the user's clock. */
function localOf(dateTime: string): string {
  const date = new Date(dateTime);
  if (Number.isNaN(date.getTime())) return '';
  const day = [date.getFullYear(), pad(date.getMonth() + 1), pad(date.getDate())].join('-');
  return `${day}T${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

const KINDS: Readonly<Record<string, Kind>> = {
  string: { read: (a) => a.valueString ?? '', write: (valueString) => ({ valueString }) },
  text: { read: (a) => a.valueString ?? '', write: (valueString) => ({ valueString }) },
  url: { type: 'url', read: (a) => a.valueUri ?? '', write: (valueUri) => ({ valueUri }) },
  decimal: {
    type: 'number',
    read: (a) => String(a.valueDecimal ?? ''),
    write: (n) => ({ valueDecimal: Number(n) }),
  },
  integer: {
    type: 'number',
    read: (a) => String(a.valueInteger ?? ''),
    write: (n) => ({ valueInteger: Number(n) }),
  },
  date: { type: 'date', read: (a) => a.valueDate ?? '', write: (valueDate) => ({ valueDate }) },
  dateTime: {
    type: 'datetime-local',
    read: (a) => (a.valueDateTime === undefined ? '' : localOf(a.valueDateTime)),
    write: (local) => ({ valueDateTime: new Date(local).toISOString() }),
  },
  time: {
    type: 'time',
    read: (a) => (a.valueTime ?? '').slice(0, 5),
    write: (time) => ({ valueTime: time.length === 5 ? `${time}:00` : time }),
  },
  reference: {
    read: (a) => a.valueReference?.display ?? '',
    write: (display) => ({ valueReference: { display } }),
  },
};

export function ValueField(props: ValueFieldProps) {
  const { definition, label, answer, fault, onChange } = props;
  const t = useText();
  if (definition.type === 'attachment') return <FileField {...props} />;
  if (definition.type === 'quantity') return <QuantityField {...props} />;
  const kind = KINDS[definition.type];
  // A type of another version of FHIR.
  if (kind === undefined) return <Typography>{t('form.unknown-type', { name: label })}</Typography>;
  const step = definition.type === 'integer' ? 1 : kind.type === 'number' ? 'any' : undefined;
  const isLong = definition.type === 'text';
  const hint = definition.type === 'reference' ? t('form.reference-hint') : undefined;
  return (
    <TextField
      {...common(props, hint)}
      type={kind.type ?? 'text'}
      multiline={isLong}
      {...(isLong ? { minRows: 3 } : {})}
      value={kind.read(answer)}
      onChange={(event) => onChange(event.target.value === '' ? undefined : kind.write(event.target.value))}
      slotProps={{
        htmlInput: {
          ...(definition.maxLength === undefined ? {} : { maxLength: definition.maxLength }),
          ...(step === undefined ? {} : { step }),
        },
      }}
      error={fault !== undefined}
    />
  );
}

/** Questions are sentences: they stand above the field and may take several lines. */
export const QUESTION_LOOK = {
  '& .MuiInputLabel-root': {
    position: 'static',
    transform: 'none',
    whiteSpace: 'normal',
    mb: 0.5,
    color: 'text.primary',
  },
  '& .MuiOutlinedInput-notchedOutline': { top: 0 },
  '& .MuiOutlinedInput-notchedOutline legend': { display: 'none' },
} as const;

const common = ({ definition, label, fault }: ValueFieldProps, hint?: string): TextFieldProps => ({
  label,
  sx: QUESTION_LOOK,
  fullWidth: true,
  required: definition.required === true,
  error: fault !== undefined,
  helperText: fault ?? hint,
});

const SD = 'http://hl7.org/fhir/StructureDefinition';

const unitsOf = ({ extension }: QuestionnaireItem): Coding[] =>
  (extension ?? []).flatMap((e) =>
    e.url === `${SD}/questionnaire-unit` || e.url === `${SD}/questionnaire-unitOption`
      ? (e.valueCoding ?? [])
      : [],
  );

const inUnit = ({ system, code, display }: Coding): Omit<Quantity, 'value'> => ({
  ...(system && { system }),
  ...(code && { code }),
  unit: display ?? code ?? '',
});

function QuantityField(props: ValueFieldProps) {
  const { definition, answer, onChange } = props;
  const t = useText();
  const units = unitsOf(definition);
  const [only] = units;
  const quantity = answer.valueQuantity ?? {};
  const unit = units.find(({ code, display }) => quantity.code === code || quantity.unit === display) ?? only;
  const change = (value: number | undefined, next: Omit<Quantity, 'value'>): void =>
    onChange(value === undefined ? undefined : { valueQuantity: { value, ...next } });
  const written = unit === undefined ? { ...(quantity.unit && { unit: quantity.unit }) } : inUnit(unit);
  return (
    <Box sx={{ display: 'flex', gap: 1, alignItems: 'start' }}>
      <TextField
        {...common(props)}
        type="number"
        value={quantity.value ?? ''}
        onChange={(event) =>
          change(event.target.value === '' ? undefined : Number(event.target.value), written)
        }
        slotProps={{ htmlInput: { step: 'any' } }}
      />
      {units.length === 1 && only && (
        <Typography sx={{ alignSelf: 'center' }}>{only.display ?? only.code}</Typography>
      )}
      {units.length > 1 && (
        <TextField
          select
          label={t('form.unit')}
          sx={QUESTION_LOOK}
          value={unit === undefined ? 0 : units.indexOf(unit)}
          onChange={(event) => change(quantity.value, inUnit(units[Number(event.target.value)] ?? {}))}
          slotProps={{ select: { native: true } }}
        >
          {units.map(({ code, display }, i) => (
            <option key={code ?? display} value={i}>
              {display ?? code}
            </option>
          ))}
        </TextField>
      )}
      {units.length === 0 && (
        <TextField
          label={t('form.unit')}
          sx={QUESTION_LOOK}
          value={quantity.unit ?? ''}
          onChange={(event) =>
            change(quantity.value, event.target.value === '' ? {} : { unit: event.target.value })
          }
        />
      )}
    </Box>
  );
}

function FileField({ definition, label, answer, fault, onChange }: ValueFieldProps) {
  const t = useText();
  const words = useWords();
  const [isTooBig, setTooBig] = useState(false);
  const said = isTooBig ? t('form.too-big', { size: FILE_BYTES_MAX / 1_000_000 }) : fault;
  const choose = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    setTooBig(file.size > FILE_BYTES_MAX);
    if (file.size <= FILE_BYTES_MAX) onChange({ valueAttachment: await attachmentOf(file) });
  };
  return (
    <Box component="fieldset" sx={{ border: 1, borderColor: 'divider', borderRadius: 1, p: 1.5, m: 0 }}>
      <legend>{definition.required === true ? `${label} *` : label}</legend>
      {answer.valueAttachment && <Typography>{formatAttachment(answer.valueAttachment, words)}</Typography>}
      <input type="file" aria-label={label} onChange={(event) => void choose(event.target.files?.[0])} />
      {answer.valueAttachment && <Button onClick={() => onChange(undefined)}>{t('form.clear')}</Button>}
      {said !== undefined && <Typography color="error">{said}</Typography>}
    </Box>
  );
}
