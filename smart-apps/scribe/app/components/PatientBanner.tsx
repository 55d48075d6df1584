/** Whose record this is, on every page. */
import Typography from '@mui/material/Typography';
import type { Patient } from '@medplum/fhirtypes';
import { formatAge, formatDate, formatGender, nameOf, recordNumber } from '@dr-assistant/ui/format';
import { useWords } from '@dr-assistant/ui/i18n';
import { useText } from '../words.ts';

export function PatientBanner({ patient }: { patient: Patient | undefined }) {
  const t = useText();
  const words = useWords();
  if (patient === undefined)
    return (
      <Typography variant="h1" component="p">
        {t('banner.loading')}
      </Typography>
    );
  const { birthDate, gender } = patient;
  const number = recordNumber(patient);
  const facts = [
    birthDate && t('banner.born', { date: formatDate(birthDate, words) }),
    formatAge(birthDate, new Date(), words),
    gender && formatGender(gender, words),
    number === undefined ? t('banner.record', { id: patient.id }) : t('banner.mrn', { number }),
  ].filter(Boolean);
  return (
    <>
      <Typography variant="h1" component="p">
        {nameOf(patient, words)}
      </Typography>
      <Typography>{facts.join(' · ')}</Typography>
    </>
  );
}
