/** The patient's record on one page, with ways to its parts. */
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { PageHeading } from '@dr-assistant/ui/layout';
import type { PatientSession } from '@dr-assistant/ui/session';
import { DocumentList } from '../components/DocumentList.tsx';
import { LoadedRecord } from '../components/Loaded.tsx';
import { ConditionsToImmunizations, ProceduresAndVisits } from '../components/RecordSections.tsx';
import { ResultList } from '../components/ResultList.tsx';
import { useText, type Key } from '../words.ts';

const PARTS: readonly Key[] = [
  'record.problems',
  'record.medications',
  'record.allergies',
  'record.immunizations',
  'record.results',
  'record.procedures',
  'record.visits',
  'record.documents',
];

/** Buttons, since the hash of a link would be taken for a page. */
function goToPart(title: string): void {
  const heading = [...document.querySelectorAll<HTMLElement>('main h2')].find((h) => h.textContent === title);
  heading?.focus({ preventScroll: true });
  heading?.scrollIntoView();
}

export default function RecordPage({ session }: { session: PatientSession }) {
  const t = useText();
  return (
    <>
      <PageHeading title={t('place.record')} />
      <LoadedRecord session={session}>
        {(record) => (
          <>
            <Box
              component="nav"
              aria-label={t('record.parts')}
              sx={{ display: 'flex', flexWrap: 'wrap', mt: 1 }}
            >
              {PARTS.map((part) => (
                <Button key={part} size="small" onClick={() => goToPart(t(part))}>
                  {t(part)}
                </Button>
              ))}
            </Box>
            <ConditionsToImmunizations record={record} />
            <ResultList record={record} />
            <ProceduresAndVisits record={record} />
            <DocumentList record={record} />
          </>
        )}
      </LoadedRecord>
    </>
  );
}
