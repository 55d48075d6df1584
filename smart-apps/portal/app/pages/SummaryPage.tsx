/** The record on paper, in the order of the International Patient Summary (https://hl7.org/fhir/uv/ips/). */
import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import { formatDate, nameOf } from '@dr-assistant/ui/format';
import { useWords } from '@dr-assistant/ui/i18n';
import { PageHeading } from '@dr-assistant/ui/layout';
import type { PatientSession } from '@dr-assistant/ui/session';
import { BackLink } from '../components/BackLink.tsx';
import { Facts } from '../components/Facts.tsx';
import { LoadedRecord } from '../components/Loaded.tsx';
import { ConditionsToImmunizations, ProceduresAndVisits } from '../components/RecordSections.tsx';
import { ResultList } from '../components/ResultList.tsx';
import { Section } from '../components/Section.tsx';
import { factsOf } from '../record/facts.ts';
import { pathTo } from '../routes.ts';
import { useText } from '../words.ts';

export default function SummaryPage({ session }: { session: PatientSession }) {
  const t = useText();
  const words = useWords();
  return (
    <>
      <BackLink href={pathTo('download', {})} text={t('download.back')} />
      <LoadedRecord session={session}>
        {(record) => (
          <>
            <PageHeading title={t('summary.title', { name: nameOf(record.patient, words) })}>
              <Button variant="contained" className="no-print" onClick={() => print()}>
                {t('summary.print')}
              </Button>
            </PageHeading>
            <Typography color="text.secondary">
              {t('summary.made', { date: formatDate(new Date().toISOString(), words) })}
            </Typography>
            <Section title={t('home.about')}>
              <Facts facts={factsOf(record.patient, words, t)} />
            </Section>
            <ConditionsToImmunizations record={record} isWhole />
            <ResultList record={record} isWhole />
            <ProceduresAndVisits record={record} isWhole />
          </>
        )}
      </LoadedRecord>
    </>
  );
}
