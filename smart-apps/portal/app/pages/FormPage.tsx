/** A form: filled in, with what is calculated; read once more; sent. What was begun is kept. */
import { useEffect, useState } from 'react';
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Link from '@mui/material/Link';
import Paper from '@mui/material/Paper';
import Typography from '@mui/material/Typography';
import type { Questionnaire, QuestionnaireResponse } from '@medplum/fhirtypes';
import { EmptyState, FaultAlert, goTo, LiveRegion, PageHeading } from '@dr-assistant/ui/layout';
import type { PatientSession } from '@dr-assistant/ui/session';
import { canonicalOf, isOf, useFormsQuery, type Forms } from '../api/forms.ts';
import { BackLink } from '../components/BackLink.tsx';
import { AnswersView } from '../components/form/AnswersView.tsx';
import { fieldId, FormContext } from '../components/form/form-context.ts';
import { ItemsView } from '../components/form/ItemsView.tsx';
import { Loaded } from '../components/Loaded.tsx';
import { calculated, hasCalculations, loadEvaluate, type Evaluate } from '../forms/calculate.ts';
import { faultsOf, type FormFault } from '../forms/check.ts';
import { enabledItems } from '../forms/enable-when.ts';
import { fromDraft, initialItems, withoutEmpty, type Items } from '../forms/tree.ts';
import { useDraft } from '../forms/use-draft.ts';
import { pathTo } from '../routes.ts';
import { useText } from '../words.ts';

interface Props {
  readonly session: PatientSession;
  readonly questionnaireId: string;
}

export default function FormPage({ session, questionnaireId }: Props) {
  const t = useText();
  // A draft is gone on with from its newest version.
  const { currentData, isFetching, error, refetch } = useFormsQuery(session.patientId, {
    refetchOnMountOrArgChange: true,
  });
  return (
    <>
      <BackLink href={pathTo('forms', {})} text={t('forms.back')} />
      <Loaded data={isFetching ? undefined : currentData} error={error} onRetry={() => void refetch()}>
        {(forms) => <Form forms={forms} session={session} questionnaireId={questionnaireId} />}
      </Loaded>
    </>
  );
}

function Form({ forms, session, questionnaireId }: Props & { forms: Forms }) {
  const t = useText();
  const questionnaire = forms.questionnaires.find(({ id }) => id === questionnaireId);
  const isCalculating = hasCalculations(questionnaire?.item);
  const [evaluate, setEvaluate] = useState<{ readonly run?: Evaluate; readonly isMissing?: boolean }>();
  useEffect(() => {
    if (isCalculating)
      loadEvaluate().then(
        (run) => setEvaluate({ run }),
        () => setEvaluate({ isMissing: true }),
      );
  }, [isCalculating]);
  if (questionnaire === undefined)
    return (
      <>
        <PageHeading title={t('place.forms')} />
        <EmptyState text={t('forms.none-such')} />
      </>
    );
  if (isCalculating && evaluate === undefined) return <LiveRegion>{t('app.loading')}</LiveRegion>;
  const draft = forms.responses.find((r) => r.status === 'in-progress' && isOf(r, questionnaire));
  return (
    <>
      {evaluate?.isMissing && <Alert severity="warning">{t('form.no-calculation')}</Alert>}
      <FormSteps
        questionnaire={questionnaire}
        first={draft ?? newResponse(questionnaire, session.patientId)}
        evaluate={evaluate?.run}
      />
    </>
  );
}

/** In the own name, as the policy of patients asks for (fhir-server/docs/access.md). */
function newResponse(questionnaire: Questionnaire, patientId: string): QuestionnaireResponse {
  const own = { reference: `Patient/${patientId}` };
  return {
    resourceType: 'QuestionnaireResponse',
    questionnaire: canonicalOf(questionnaire),
    status: 'in-progress',
    subject: own,
    author: own,
    source: own,
  };
}

interface StepsProps {
  readonly questionnaire: Questionnaire;
  readonly first: QuestionnaireResponse;
  readonly evaluate: Evaluate | undefined;
}

function FormSteps({ questionnaire, first, evaluate }: StepsProps) {
  const t = useText();
  const compute = (changed: Items): Items =>
    evaluate === undefined ? changed : calculated(questionnaire, changed, evaluate);
  const [items, setItems] = useState<Items>(() =>
    compute(
      first.id === undefined ? initialItems(questionnaire.item) : fromDraft(questionnaire.item, first.item),
    ),
  );
  const [isChecked, setChecked] = useState(false);
  const [isReview, setReview] = useState(false);
  const [isSending, setSending] = useState(false);
  const { state, fault, keep, complete } = useDraft(first);
  const counted = enabledItems(questionnaire.item, items);
  const faults = isChecked ? faultsOf(questionnaire.item, counted) : [];
  const change = (changed: Items): void => {
    const next = compute(changed);
    setItems(next);
    keep(enabledItems(questionnaire.item, next));
  };
  const review = (): void => {
    setChecked(true);
    if (faultsOf(questionnaire.item, counted).length === 0) setReview(true);
    else requestAnimationFrame(() => document.getElementById('form-faults')?.focus());
  };
  const send = async (): Promise<void> => {
    setSending(true);
    const sent = await complete(counted);
    setSending(false);
    if (sent !== undefined) goTo(pathTo('forms', {}));
  };
  const title = questionnaire.title ?? questionnaire.name ?? t('forms.unnamed');
  if (isReview)
    return (
      <>
        {/* Another heading, which takes the focus. */}
        <PageHeading key="review" title={t('form.review-title', { name: title })} />
        <Paper variant="outlined" sx={{ p: { xs: 2, sm: 3 }, mt: 2 }}>
          <AnswersView items={withoutEmpty(counted)} />
          {withoutEmpty(counted).length === 0 && <EmptyState text={t('form.no-answers')} />}
        </Paper>
        <FaultAlert fault={fault} words={{ 412: t('form.changed-elsewhere') }} />
        <Box sx={{ display: 'flex', gap: 1, mt: 2, flexWrap: 'wrap' }}>
          <Button variant="contained" disabled={isSending} onClick={() => void send()}>
            {t('form.send')}
          </Button>
          <Button onClick={() => setReview(false)}>{t('form.change')}</Button>
        </Box>
      </>
    );
  return (
    <FormContext value={{ questionnaire, faults: new Map(faults.map((f) => [f.path, faultText(f, t)])) }}>
      <PageHeading key="fill" title={title} />
      {questionnaire.description && (
        <Typography color="text.secondary">{questionnaire.description}</Typography>
      )}
      <Paper
        variant="outlined"
        component="form"
        noValidate
        sx={{ p: { xs: 2, sm: 3 }, mt: 2 }}
        onSubmit={(event: React.FormEvent) => {
          event.preventDefault();
          review();
        }}
      >
        <FaultList faults={faults} />
        <ItemsView
          definitions={questionnaire.item}
          items={items}
          scope={[counted]}
          parent=""
          onChange={change}
        />
        <Box sx={{ display: 'flex', gap: 2, mt: 3, alignItems: 'center', flexWrap: 'wrap' }}>
          <Button type="submit" variant="contained">
            {t('form.review')}
          </Button>
          <LiveRegion>
            <Typography color="text.secondary">{state === 'unchanged' ? '' : t(`form.${state}`)}</Typography>
          </LiveRegion>
        </Box>
        <FaultAlert fault={fault} words={{ 412: t('form.changed-elsewhere') }} />
      </Paper>
    </FormContext>
  );
}

type Text = ReturnType<typeof useText>;

const faultText = ({ kind, limit }: FormFault, t: Text): string => t(`form-fault.${kind}`, { limit });

function FaultList({ faults }: { faults: readonly FormFault[] }) {
  const t = useText();
  if (faults.length === 0) return null;
  const go = (path: string): void => {
    const place = document.getElementById(fieldId(path));
    (place?.querySelector<HTMLElement>('input, select, textarea') ?? place)?.focus();
  };
  return (
    <Alert severity="error" id="form-faults" tabIndex={-1} sx={{ mb: 2 }}>
      {t('form.faults', { count: faults.length })}
      <Box component="ul" sx={{ m: 0, pl: 2.5 }}>
        {faults.map((fault) => (
          <li key={fault.path}>
            <Link
              component="button"
              type="button"
              color="inherit"
              sx={{ textAlign: 'start', py: 0.5 }}
              onClick={() => go(fault.path)}
            >
              {t('form.fault', { name: fault.text, fault: faultText(fault, t) })}
            </Link>
          </li>
        ))}
      </Box>
    </Alert>
  );
}
