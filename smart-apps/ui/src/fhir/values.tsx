/** FHIR data types as components: each shows one value in the user's language. */
import Link from '@mui/material/Link';
import type {
  Address,
  Annotation,
  Attachment,
  CodeableConcept,
  Coding,
  ContactPoint,
  Dosage,
  HumanName,
  Identifier,
  Money,
  Period,
  Quantity,
  Range,
  Ratio,
  Timing,
} from '@medplum/fhirtypes';
import {
  addressLines,
  contactAddress,
  formatAge,
  formatAnnotation,
  formatAttachment,
  formatCoding,
  formatConcept,
  formatContactPoint,
  formatDate,
  formatDosage,
  formatHumanName,
  formatIdentifier,
  formatInstant,
  formatMoney,
  formatPeriod,
  formatQuantity,
  formatRange,
  formatRatio,
  formatTiming,
} from '../format/index.ts';
import { useWords } from '../i18n/use-words.ts';

/** date, dateTime or instant; `isPrecise` shows seconds and the time zone. */
export function DateText({ value, isPrecise = false }: { value: string | undefined; isPrecise?: boolean }) {
  const words = useWords();
  if (value === undefined) return null;
  return <time dateTime={value}>{isPrecise ? formatInstant(value, words) : formatDate(value, words)}</time>;
}

/** On today's date, or at death. */
export function AgeText({ birthDate, on }: { birthDate: string | undefined; on?: Date }) {
  return <>{formatAge(birthDate, on ?? new Date(), useWords())}</>;
}

export function HumanNameText({ value, isFull = false }: { value: HumanName | undefined; isFull?: boolean }) {
  return <>{formatHumanName(value, useWords(), isFull)}</>;
}

export function AddressText({ value }: { value: Address }) {
  return <span style={{ whiteSpace: 'pre-line' }}>{addressLines(value).join('\n')}</span>;
}

export function ContactPointText({ value }: { value: ContactPoint }) {
  const text = formatContactPoint(value, useWords());
  const address = contactAddress(value);
  return address === undefined ? <>{text}</> : <Link href={address}>{text}</Link>;
}

export function IdentifierText({ value }: { value: Identifier }) {
  return <>{formatIdentifier(value)}</>;
}

export function ConceptText({ value }: { value: CodeableConcept | undefined }) {
  return <>{formatConcept(value, useWords())}</>;
}

export function CodingText({ value }: { value: Coding }) {
  return <>{formatCoding(value, useWords())}</>;
}

export function QuantityText({ value }: { value: Quantity | undefined }) {
  return <>{formatQuantity(value, useWords())}</>;
}

export function RangeText({ value }: { value: Range }) {
  return <>{formatRange(value, useWords())}</>;
}

export function RatioText({ value }: { value: Ratio }) {
  return <>{formatRatio(value, useWords())}</>;
}

export function MoneyText({ value }: { value: Money }) {
  return <>{formatMoney(value, useWords())}</>;
}

export function PeriodText({ value }: { value: Period | undefined }) {
  return <>{formatPeriod(value ?? {}, useWords())}</>;
}

export function TimingText({ value }: { value: Timing }) {
  return <>{formatTiming(value, useWords())}</>;
}

export function DosageText({ value }: { value: Dosage }) {
  return <>{formatDosage(value, useWords())}</>;
}

export function AnnotationText({ value }: { value: Annotation }) {
  return <span style={{ whiteSpace: 'pre-line' }}>{formatAnnotation(value, useWords())}</span>;
}

/** Opened by the app, which has the token that its content needs. */
export function AttachmentText({
  value,
  onOpen,
}: {
  value: Attachment;
  onOpen?: (value: Attachment) => void;
}) {
  const text = formatAttachment(value, useWords());
  if (onOpen === undefined) return <>{text}</>;
  return (
    <Link component="button" type="button" onClick={() => onOpen(value)}>
      {text}
    </Link>
  );
}
