/** One question: options to choose from, or a field for each answer. */
import { useContext } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import type { QuestionnaireItem } from '@medplum/fhirtypes';
import type { Answer } from '../../forms/tree.ts';
import { useText } from '../../words.ts';
import { ChoiceField } from './ChoiceField.tsx';
import { fieldId, FormContext } from './form-context.ts';
import { ValueField } from './ValueField.tsx';

interface Props {
  readonly definition: QuestionnaireItem;
  readonly label: string;
  readonly answers: readonly Answer[];
  /** Without the number of the answer. */
  readonly path: string;
  readonly onChange: (answers: readonly Answer[]) => void;
}

const isChoice = ({ type, answerOption, answerValueSet }: QuestionnaireItem): boolean =>
  type === 'choice' || type === 'open-choice' || answerOption !== undefined || answerValueSet !== undefined;

export function QuestionField({ definition, label, answers, path, onChange }: Props) {
  const t = useText();
  const { faults } = useContext(FormContext);
  const fault = (index: number): string | undefined => faults.get(`${path}.${index}`);
  if (isChoice(definition) || definition.type === 'boolean')
    return (
      <Box id={fieldId(`${path}.0`)}>
        <ChoiceField
          definition={definition}
          label={label}
          answers={answers}
          fault={fault(0)}
          onChange={onChange}
        />
      </Box>
    );
  const shown: readonly Answer[] = answers.length === 0 ? [{}] : answers;
  const isRepeating = definition.repeats === true;
  return (
    <>
      {shown.map((answer, i) => (
        <Box key={i} id={fieldId(`${path}.${i}`)} sx={{ mt: i === 0 ? 0 : 1 }}>
          <ValueField
            definition={definition}
            label={
              isRepeating && shown.length > 1 ? t('form.numbered', { name: label, number: i + 1 }) : label
            }
            answer={answer}
            fault={fault(i)}
            onChange={(next) =>
              onChange(
                next === undefined && !isRepeating
                  ? []
                  : shown.map((one, n) => (n === i ? { ...(one.item && { item: one.item }), ...next } : one)),
              )
            }
          />
          {isRepeating && shown.length > 1 && (
            <Button
              aria-label={t('form.remove-named', { name: label, number: i + 1 })}
              onClick={() => onChange(shown.filter((_one, n) => n !== i))}
            >
              {t('form.remove')}
            </Button>
          )}
        </Box>
      ))}
      {isRepeating && (
        <Button aria-label={t('form.add-named', { name: label })} onClick={() => onChange([...shown, {}])}>
          {t('form.add')}
        </Button>
      )}
    </>
  );
}
