/** A form that was sent, to read again. */
import Paper from '@mui/material/Paper';
import Typography from '@mui/material/Typography';
import { formatDate } from '@dr-assistant/ui/format';
import { useWords } from '@dr-assistant/ui/i18n';
import { EmptyState, PageHeading } from '@dr-assistant/ui/layout';
import type { PatientSession } from '@dr-assistant/ui/session';
import { isOf, useFormsQuery } from '../api/forms.ts';
import { BackLink } from '../components/BackLink.tsx';
import { AnswersView } from '../components/form/AnswersView.tsx';
import { Loaded } from '../components/Loaded.tsx';
import { pathTo } from '../routes.ts';
import { useText } from '../words.ts';

export default function AnswersPage({ session, id }: { session: PatientSession; id: string }) {
  const t = useText();
  const words = useWords();
  const { data, error, refetch } = useFormsQuery(session.patientId);
  return (
    <>
      <BackLink href={pathTo('forms', {})} text={t('forms.back')} />
      <Loaded data={data} error={error} onRetry={() => void refetch()}>
        {({ questionnaires, responses }) => {
          const response = responses.find((r) => r.id === id);
          const form = response && questionnaires.find((q) => isOf(response, q));
          return (
            <>
              <PageHeading title={form?.title ?? form?.name ?? t('forms.unnamed')} />
              {response === undefined ? (
                <EmptyState text={t('forms.none-such')} />
              ) : (
                <Paper variant="outlined" sx={{ p: { xs: 2, sm: 3 }, mt: 2 }}>
                  <Typography color="text.secondary">
                    {response.authored && t('forms.sent-at', { date: formatDate(response.authored, words) })}
                  </Typography>
                  <AnswersView items={response.item ?? []} />
                </Paper>
              )}
            </>
          );
        }}
      </Loaded>
    </>
  );
}
