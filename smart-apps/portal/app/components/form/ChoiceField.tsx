/** Options: buttons for few, a list for many, boxes where several may be chosen, and a field for another answer. */
import { useContext, useId } from 'react';
import Button from '@mui/material/Button';
import Checkbox from '@mui/material/Checkbox';
import FormControl from '@mui/material/FormControl';
import FormControlLabel from '@mui/material/FormControlLabel';
import FormHelperText from '@mui/material/FormHelperText';
import FormLabel from '@mui/material/FormLabel';
import Radio from '@mui/material/Radio';
import RadioGroup from '@mui/material/RadioGroup';
import TextField from '@mui/material/TextField';
import type { QuestionnaireItem } from '@medplum/fhirtypes';
import { useWords } from '@dr-assistant/ui/i18n';
import { FaultAlert } from '@dr-assistant/ui/layout';
import { useOptionsQuery } from '../../api/forms.ts';
import {
  codingAnswer,
  containedSet,
  formatAnswer,
  hasControl,
  isSameAnswer,
  optionsOf,
} from '../../forms/format-answer.ts';
import type { Answer } from '../../forms/tree.ts';
import { useText } from '../../words.ts';
import { FormContext } from './form-context.ts';
import { QUESTION_LOOK } from './ValueField.tsx';

interface Props {
  readonly definition: QuestionnaireItem;
  readonly label: string;
  readonly answers: readonly Answer[];
  readonly fault: string | undefined;
  readonly onChange: (answers: readonly Answer[]) => void;
}

/** More options than this are a list. */
const BUTTONS_MAX = 8;

/** The options, and why they cannot be had. */
function useOptions(definition: QuestionnaireItem): { options: readonly Answer[]; error?: unknown } {
  const { questionnaire } = useContext(FormContext);
  const canonical = definition.answerValueSet;
  const { data, error } = useOptionsQuery(
    { canonical: canonical ?? '', contained: containedSet(questionnaire, canonical ?? '') },
    { skip: canonical === undefined },
  );
  if (canonical !== undefined) return { options: (data ?? []).map(codingAnswer), error };
  if (definition.type === 'boolean') return { options: [{ valueBoolean: true }, { valueBoolean: false }] };
  return { options: optionsOf(definition) };
}

export function ChoiceField(props: Props) {
  const { definition, label, answers, fault, onChange } = props;
  const t = useText();
  const { options, error } = useOptions(definition);
  const isOpen = definition.type === 'open-choice';
  const other = answers.find((a) => !options.some((o) => isSameAnswer(o, a)) && a.valueString !== undefined);
  const chosen = answers.filter((a) => options.some((o) => isSameAnswer(o, a)));
  const changeOther = (text: string): void => {
    const free: Answer[] = text === '' ? [] : [{ valueString: text }];
    onChange(definition.repeats === true ? [...chosen, ...free] : free.length > 0 ? free : chosen);
  };
  const isList = hasControl(definition, 'drop-down') || options.length > BUTTONS_MAX;
  return (
    <>
      <FaultAlert fault={error} />
      {isList && definition.repeats !== true ? (
        <ListField {...props} options={options} />
      ) : (
        <ButtonsField {...props} options={options} />
      )}
      {isOpen && (
        <TextField
          label={t('form.other', { name: label })}
          size="small"
          fullWidth
          sx={{ ...QUESTION_LOOK, mt: 1 }}
          value={other?.valueString ?? ''}
          onChange={(event) => changeOther(event.target.value)}
          error={fault !== undefined}
        />
      )}
    </>
  );
}

type OptionsProps = Props & { readonly options: readonly Answer[] };

function ListField({ definition, label, answers, fault, onChange, options }: OptionsProps) {
  const t = useText();
  const words = useWords();
  const index = options.findIndex((o) => answers.some((a) => isSameAnswer(o, a)));
  return (
    <TextField
      select
      fullWidth
      sx={QUESTION_LOOK}
      label={label}
      required={definition.required === true}
      value={index < 0 ? '' : index}
      error={fault !== undefined}
      helperText={fault}
      onChange={(event) => {
        const option = event.target.value === '' ? undefined : options[Number(event.target.value)];
        onChange(option === undefined ? [] : [option]);
      }}
      slotProps={{ select: { native: true } }}
    >
      <option value="">{t('form.choose')}</option>
      {options.map((option, i) => (
        <option key={i} value={i}>
          {formatAnswer(option, words)}
        </option>
      ))}
    </TextField>
  );
}

function ButtonsField({ definition, label, answers, fault, onChange, options }: OptionsProps) {
  const t = useText();
  const words = useWords();
  const helpId = useId();
  const isSeveral = definition.repeats === true;
  const isChosen = (option: Answer): boolean => answers.some((a) => isSameAnswer(option, a));
  const index = options.findIndex(isChosen);
  const toggle = (option: Answer, isOn: boolean): void =>
    onChange(isOn ? [...answers, option] : answers.filter((a) => !isSameAnswer(a, option)));
  return (
    <FormControl
      component="fieldset"
      error={fault !== undefined}
      required={definition.required === true}
      aria-describedby={fault === undefined ? undefined : helpId}
    >
      <FormLabel component="legend" sx={{ color: 'text.primary' }}>
        {label}
      </FormLabel>
      {isSeveral ? (
        options.map((option, i) => (
          <FormControlLabel
            key={i}
            control={
              <Checkbox checked={isChosen(option)} onChange={(_event, isOn) => toggle(option, isOn)} />
            }
            label={formatAnswer(option, words)}
          />
        ))
      ) : (
        <RadioGroup
          sx={options.length <= 4 ? { flexDirection: { xs: 'column', sm: 'row' } } : {}}
          value={index < 0 ? '' : String(index)}
          onChange={(_event, value) => {
            const option = options[Number(value)];
            if (option !== undefined) onChange([option]);
          }}
        >
          {options.map((option, i) => (
            <FormControlLabel
              key={i}
              value={String(i)}
              control={<Radio />}
              label={formatAnswer(option, words)}
            />
          ))}
        </RadioGroup>
      )}
      {!isSeveral && index >= 0 && definition.required !== true && (
        <Button size="small" sx={{ alignSelf: 'start' }} onClick={() => onChange([])}>
          {t('form.clear')}
        </Button>
      )}
      {fault !== undefined && <FormHelperText id={helpId}>{fault}</FormHelperText>}
    </FormControl>
  );
}
