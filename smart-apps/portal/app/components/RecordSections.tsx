/** The record's parts, as the record page and the printed summary show them. */
import Chip from '@mui/material/Chip';
import Box from '@mui/material/Box';
import type {
  AllergyIntolerance,
  Condition,
  Encounter,
  Immunization,
  MedicationRequest,
  MedicationStatement,
  Procedure,
  Resource,
} from '@medplum/fhirtypes';
import {
  formatConcept,
  formatDate,
  formatDay,
  formatDosage,
  formatPeriod,
  formatReference,
} from '@dr-assistant/ui/format';
import { useWords, type Words } from '@dr-assistant/ui/i18n';
import type { PatientRecord, RecordType, RecordTypes } from '../api/record.ts';
import { isCurrent, shownOf } from '../record/current.ts';
import { useText, type Key, type Text } from '../words.ts';
import { Entry, EntryList, Section } from './Section.tsx';

export interface PartProps {
  readonly record: PatientRecord;
  /** On paper everything is shown. */
  readonly isWhole?: boolean;
}

interface Line {
  readonly what: string;
  readonly details: readonly (string | undefined)[];
}

function conditionLine(c: Condition, words: Words, t: Text): Line {
  const onset = c.onsetDateTime ?? c.onsetPeriod?.start;
  return {
    what: formatConcept(c.code, words),
    details: [
      onset === undefined ? c.onsetString : t('record.since', { date: formatDate(onset, words) }),
      c.note?.map((n) => n.text).join(' '),
    ],
  };
}

function allergyLine(a: AllergyIntolerance, words: Words, t: Text): Line {
  const reactions = a.reaction?.flatMap((r) => r.manifestation.map((m) => formatConcept(m, words))) ?? [];
  return {
    what: formatConcept(a.code, words),
    details: [
      reactions.length === 0 ? undefined : t('record.reaction', { reactions: reactions.join(', ') }),
      a.criticality === 'high' ? t('record.critical') : undefined,
    ],
  };
}

function medicationLine(m: MedicationStatement | MedicationRequest, words: Words, t: Text): Line {
  const what = m.medicationCodeableConcept
    ? formatConcept(m.medicationCodeableConcept, words)
    : formatReference(m.medicationReference ?? {}, words);
  if (m.resourceType === 'MedicationRequest')
    return {
      what,
      details: [
        m.dosageInstruction?.map((d) => formatDosage(d, words)).join('; '),
        m.authoredOn && t('record.prescribed', { date: formatDay(m.authoredOn, words) }),
      ],
    };
  const since = m.effectiveDateTime ?? m.effectivePeriod?.start;
  return {
    what,
    details: [
      m.dosage?.map((d) => formatDosage(d, words)).join('; '),
      since && t('record.since', { date: formatDate(since, words) }),
    ],
  };
}

function immunizationLine(i: Immunization, words: Words, t: Text): Line {
  const date =
    i.occurrenceDateTime === undefined ? i.occurrenceString : formatDate(i.occurrenceDateTime, words);
  return {
    what: formatConcept(i.vaccineCode, words),
    details: [
      i.status === 'not-done' ? t('record.not-done', { date: date ?? '' }) : date,
      i.lotNumber && t('record.lot', { lot: i.lotNumber }),
    ],
  };
}

function visitLine(e: Encounter, words: Words, t: Text): Line {
  const reason = e.reasonCode?.[0] ?? e.type?.[0];
  const people = e.participant?.flatMap(({ individual }) => individual?.display ?? []) ?? [];
  return {
    what: reason === undefined ? (e.class.display ?? t('record.visit')) : formatConcept(reason, words),
    details: [
      [e.period && formatPeriod(e.period, words), e.status === 'planned' && t('record.planned')]
        .filter(Boolean)
        .join(' · '),
      [...people, e.serviceProvider?.display].filter(Boolean).join(', '),
    ],
  };
}

function procedureLine(p: Procedure, words: Words): Line {
  const date = p.performedDateTime === undefined ? p.performedString : formatDate(p.performedDateTime, words);
  return {
    what: formatConcept(p.code, words),
    details: [date ?? (p.performedPeriod && formatPeriod(p.performedPeriod, words))],
  };
}

interface Part {
  readonly title: Key;
  readonly none: Key;
  readonly types: readonly RecordType[];
  readonly line: (resource: Resource, words: Words, t: Text) => Line;
}

/** A part of some types, whose line is of those types. */
function part<T extends RecordType>(
  types: readonly T[],
  titles: readonly [title: Key, none: Key],
  line: (resource: RecordTypes[T], words: Words, t: Text) => Line,
): Part {
  const [title, none] = titles;
  return { types, title, none, line: (resource, words, t) => line(resource as RecordTypes[T], words, t) };
}

const PARTS: readonly Part[] = [
  part(['Condition'], ['record.problems', 'record.no-problems'], conditionLine),
  part(
    ['MedicationStatement', 'MedicationRequest'],
    ['record.medications', 'record.no-medications'],
    medicationLine,
  ),
  part(['AllergyIntolerance'], ['record.allergies', 'record.no-allergies'], allergyLine),
  part(['Immunization'], ['record.immunizations', 'record.no-immunizations'], immunizationLine),
];
const LATER: readonly Part[] = [
  part(['Procedure'], ['record.procedures', 'record.no-procedures'], procedureLine),
  part(['Encounter'], ['record.visits', 'record.no-visits'], visitLine),
];

/** Whether "no longer" is said of an entry of this part. */
const CHANGING: readonly string[] = [
  'Condition',
  'MedicationStatement',
  'MedicationRequest',
  'AllergyIntolerance',
];

function PartSection({ part, record, isWhole = false }: PartProps & { part: Part }) {
  const t = useText();
  const words = useWords();
  const resources = part.types.flatMap((type): readonly Resource[] => record.of[type]);
  const isRefused = part.types.some((type) => record.refused.includes(type));
  const entries = shownOf(resources).map((resource) => {
    const { what, details } = part.line(resource, words, t);
    const isPast = CHANGING.includes(resource.resourceType) && !isCurrent(resource);
    return {
      key: `${resource.resourceType}/${resource.id ?? ''}`,
      view: (
        <Entry
          what={
            <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap' }}>
              {what}
              {isPast && <Chip size="small" label={t('record.past')} />}
            </Box>
          }
          details={details}
        />
      ),
    };
  });
  return (
    <Section title={t(part.title)}>
      <EntryList
        label={t(part.title)}
        entries={entries}
        none={t(isRefused ? 'record.refused' : part.none)}
        isWhole={isWhole}
      />
    </Section>
  );
}

export function ConditionsToImmunizations(props: PartProps) {
  return PARTS.map((one) => <PartSection key={one.title} part={one} {...props} />);
}

export function ProceduresAndVisits(props: PartProps) {
  return LATER.map((one) => <PartSection key={one.title} part={one} {...props} />);
}
