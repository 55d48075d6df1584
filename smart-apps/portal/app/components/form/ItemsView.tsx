/** The items of a form on one level: groups with what is in them, texts, and questions; only those that are asked now. */
import { useContext, useId } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import type { QuestionnaireItem, QuestionnaireResponseItem } from '@medplum/fhirtypes';
import { isCalculated } from '../../forms/calculate.ts';
import { pathOf } from '../../forms/check.ts';
import { isEnabled, type Scope } from '../../forms/enable-when.ts';
import { isHidden } from '../../forms/format-answer.ts';
import { emptyItem, ofItem, replaceItems, withChildren, type Answer, type Items } from '../../forms/tree.ts';
import { useText } from '../../words.ts';
import { CalculatedField } from './CalculatedField.tsx';
import { fieldId, FormContext } from './form-context.ts';
import { QuestionField } from './QuestionField.tsx';

interface LevelProps {
  readonly definitions: readonly QuestionnaireItem[] | undefined;
  readonly items: Items;
  /** The items that count, from this level outwards. */
  readonly scope: Scope;
  readonly parent: string;
  readonly onChange: (items: QuestionnaireResponseItem[]) => void;
}

export function ItemsView({ definitions, items, scope, parent, onChange }: LevelProps) {
  return (definitions ?? [])
    .filter((definition) => !isHidden(definition) && isEnabled(definition, scope))
    .map((definition) => {
      const change = (replaced: Items): void =>
        onChange(replaceItems(definitions, items, definition, replaced));
      const props = { definition, of: ofItem(items, definition), scope, parent, onChange: change };
      if (definition.type === 'display')
        return (
          <Typography key={definition.linkId} sx={{ mt: 2, whiteSpace: 'pre-line' }}>
            {definition.text}
          </Typography>
        );
      return definition.type === 'group' ? (
        <GroupView key={definition.linkId} {...props} />
      ) : (
        <QuestionView key={definition.linkId} {...props} />
      );
    });
}

interface ItemProps {
  readonly definition: QuestionnaireItem;
  readonly of: Items;
  readonly scope: Scope;
  readonly parent: string;
  readonly onChange: (items: Items) => void;
}

const labelOf = ({ prefix, text }: QuestionnaireItem): string => [prefix, text].filter(Boolean).join(' ');

function GroupView({ definition, of, scope, parent, onChange }: ItemProps) {
  const t = useText();
  const id = useId();
  const counted = ofItem(scope[0], definition);
  const title = labelOf(definition);
  const { faults } = useContext(FormContext);
  const fault = faults.get(pathOf(parent, definition, 0));
  const isRepeating = definition.repeats === true;
  return (
    <Box sx={{ mt: 3 }} id={fieldId(pathOf(parent, definition, 0))} tabIndex={-1}>
      {title !== '' && (
        <Typography variant="h3" component="h2" id={id}>
          {title}
        </Typography>
      )}
      {fault && <Typography color="error">{fault}</Typography>}
      {of.map((item, i) => (
        <Box
          key={i}
          role="group"
          aria-labelledby={title === '' ? undefined : id}
          sx={isRepeating ? { pl: 2, borderLeft: 3, borderColor: 'divider', mt: 2 } : {}}
        >
          <ItemsView
            definitions={definition.item}
            items={item.item ?? []}
            scope={[counted[i]?.item ?? [], ...scope]}
            parent={pathOf(parent, definition, i)}
            onChange={(nested) => onChange(of.map((one, n) => (n === i ? { ...one, item: nested } : one)))}
          />
          {isRepeating && of.length > 1 && (
            <Button
              aria-label={t('form.remove-named', { name: title, number: i + 1 })}
              onClick={() => onChange(of.filter((_one, n) => n !== i))}
            >
              {t('form.remove')}
            </Button>
          )}
        </Box>
      ))}
      {isRepeating && (
        <Button
          aria-label={t('form.add-named', { name: title })}
          onClick={() => onChange([...of, emptyItem(definition)])}
        >
          {t('form.add')}
        </Button>
      )}
    </Box>
  );
}

function QuestionView({ definition, of, scope, parent, onChange }: ItemProps) {
  const item = of[0] ?? { linkId: definition.linkId };
  const counted = ofItem(scope[0], definition)[0];
  const answers = item.answer ?? [];
  const change = (next: readonly Answer[]): void => {
    const { answer: _former, ...rest } = item;
    const kept = next.map((answer) => withChildren(definition, answer));
    onChange([kept.length === 0 ? rest : { ...rest, answer: kept }]);
  };
  return (
    <Box sx={{ mt: 2 }}>
      {isCalculated(definition) || definition.readOnly === true ? (
        <CalculatedField label={labelOf(definition)} answers={answers} />
      ) : (
        <QuestionField
          definition={definition}
          label={labelOf(definition)}
          answers={answers}
          path={pathOf(parent, definition, 0).replace(/\.0$/, '')}
          onChange={change}
        />
      )}
      <Help definition={definition} />
      {definition.item !== undefined &&
        answers.map((answer, i) => (
          <Box key={i} sx={{ pl: 2, borderLeft: 3, borderColor: 'divider' }}>
            <ItemsView
              definitions={definition.item?.filter(({ type }) => type !== 'display')}
              items={answer.item ?? []}
              scope={[counted?.answer?.[i]?.item ?? [], ...scope]}
              parent={pathOf(parent, definition, i)}
              onChange={(nested) =>
                change(answers.map((one, n) => (n === i ? { ...one, item: nested } : one)))
              }
            />
          </Box>
        ))}
    </Box>
  );
}

/** Texts below a question are there to help with it, answered or not. */
function Help({ definition }: { definition: QuestionnaireItem }) {
  return definition.item
    ?.filter(({ type }) => type === 'display')
    .map(({ linkId, text }) => (
      <Typography key={linkId} variant="body2" color="text.secondary">
        {text}
      </Typography>
    ));
}
