/** Forms to fill in, those that were begun, and those that were sent. */
import Link from '@mui/material/Link';
import Chip from '@mui/material/Chip';
import Box from '@mui/material/Box';
import type { Questionnaire, QuestionnaireResponse } from '@medplum/fhirtypes';
import { formatDate } from '@dr-assistant/ui/format';
import { useWords } from '@dr-assistant/ui/i18n';
import { PageHeading } from '@dr-assistant/ui/layout';
import type { PatientSession } from '@dr-assistant/ui/session';
import { isOf, useFormsQuery, type Forms } from '../api/forms.ts';
import { Loaded } from '../components/Loaded.tsx';
import { Entry, EntryList, Section } from '../components/Section.tsx';
import { pathTo } from '../routes.ts';
import { useText } from '../words.ts';

export default function FormsPage({ session }: { session: PatientSession }) {
  const t = useText();
  const { data, error, refetch } = useFormsQuery(session.patientId, { refetchOnMountOrArgChange: true });
  return (
    <>
      <PageHeading title={t('place.forms')} />
      <Loaded data={data} error={error} onRetry={() => void refetch()}>
        {(forms) => (
          <>
            <Section title={t('forms.open')}>
              <EntryList
                label={t('forms.open')}
                entries={forms.questionnaires.map((q) => ({
                  key: q.id ?? '',
                  view: <Open form={q} forms={forms} />,
                }))}
                none={t('forms.none')}
              />
            </Section>
            <Section title={t('forms.sent')}>
              <EntryList
                label={t('forms.sent')}
                entries={forms.responses
                  .filter(({ status }) => status === 'completed' || status === 'amended')
                  .map((r) => ({ key: r.id ?? '', view: <Sent response={r} forms={forms} /> }))}
                none={t('forms.none-sent')}
              />
            </Section>
          </>
        )}
      </Loaded>
    </>
  );
}

function Open({ form, forms }: { form: Questionnaire; forms: Forms }) {
  const t = useText();
  const words = useWords();
  const draft = forms.responses.find((r) => r.status === 'in-progress' && isOf(r, form));
  return (
    <Entry
      what={
        <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap' }}>
          <Link href={pathTo('form', { id: form.id ?? '' })}>
            {form.title ?? form.name ?? t('forms.unnamed')}
          </Link>
          {draft && <Chip size="small" variant="outlined" label={t('forms.begun')} />}
        </Box>
      }
      details={[
        form.description,
        draft?.authored && t('forms.kept', { date: formatDate(draft.authored, words) }),
      ]}
    />
  );
}

function Sent({ response, forms }: { response: QuestionnaireResponse; forms: Forms }) {
  const t = useText();
  const words = useWords();
  const form = forms.questionnaires.find((q) => isOf(response, q));
  return (
    <Entry
      what={
        <Link href={pathTo('answers', { id: response.id ?? '' })}>
          {form?.title ?? form?.name ?? t('forms.unnamed')}
        </Link>
      }
      details={[response.authored && formatDate(response.authored, words)]}
    />
  );
}
