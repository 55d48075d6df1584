/** Notes, summaries, reports and files, each with a way to its text. */
import Link from '@mui/material/Link';
import { formatDay } from '@dr-assistant/ui/format';
import { useWords } from '@dr-assistant/ui/i18n';
import { documentsOf } from '../record/documents.ts';
import { pathTo } from '../routes.ts';
import { useText } from '../words.ts';
import type { PartProps } from './RecordSections.tsx';
import { Entry, EntryList, Section } from './Section.tsx';

export function DocumentList({ record, isWhole = false }: PartProps) {
  const t = useText();
  const words = useWords();
  const isRefused = record.refused.includes('Composition') || record.refused.includes('DocumentReference');
  const entries = documentsOf(record, words).map(({ type, id, title, date, author }) => ({
    key: `${type}/${id}`,
    view: (
      <Entry
        what={<Link href={pathTo('document', { type, id })}>{title}</Link>}
        details={[[date && formatDay(date, words), author].filter(Boolean).join(' · ')]}
      />
    ),
  }));
  return (
    <Section title={t('record.documents')}>
      <EntryList
        label={t('record.documents')}
        entries={entries}
        none={t(isRefused ? 'record.refused' : 'record.no-documents')}
        isWhole={isWhole}
      />
    </Section>
  );
}
