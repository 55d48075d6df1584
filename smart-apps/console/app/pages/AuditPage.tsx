/** The audit: who did what with whose record, and how it went. */
import { useState } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Link from '@mui/material/Link';
import TextField from '@mui/material/TextField';
import type { AuditEvent, Bundle } from '@medplum/fhirtypes';
import { formatInstant } from '@dr-assistant/ui/format';
import { useWords } from '@dr-assistant/ui/i18n';
import { goTo, PageHeading } from '@dr-assistant/ui/layout';
import { matchesOf } from '@dr-assistant/ui/session';
import { useDocument } from '../api/console-api.ts';
import { BundlePages } from '../components/BundlePages.tsx';
import { Choice } from '../components/Choice.tsx';
import { DataTable } from '../components/DataTable.tsx';
import { Loading } from '../components/Loading.tsx';
import { Panel } from '../components/Panel.tsx';
import { pathOfReference, pathTo } from '../routes.ts';
import { auditSearch, FIELDS, type AuditQuestion } from '../pure/audit-search.ts';
import { useText } from '../words.ts';

/** @param asked what is searched for, as the page's address has it */
export default function AuditPage({ asked }: { asked: string }) {
  const t = useText();
  const question = Object.fromEntries(new URLSearchParams(asked)) as AuditQuestion;
  return (
    <>
      <PageHeading title={t('audit.title')} />
      <Form key={asked} question={question} />
      <Events key={`events ${asked}`} search={auditSearch(question)} />
    </>
  );
}

const REFERENCES = ['patient', 'agent'] as const;
const DAYS = ['from', 'until'] as const;
const OUTCOMES = ['0', '4', '8', '12'] as const;
const TYPES = ['rest', '110114', '110113', '110100'] as const;

function Form({ question }: { question: AuditQuestion }) {
  const t = useText();
  const [fields, setFields] = useState(question);
  const set = (name: (typeof FIELDS)[number]) => (value: string) => setFields({ ...fields, [name]: value });
  const search = (): void => {
    const q = new URLSearchParams(FIELDS.flatMap((name) => (fields[name] ? [[name, fields[name]]] : [])));
    goTo(pathTo('audit', {}, q.size === 0 ? {} : { q: q.toString() }));
  };
  return (
    <Panel title={t('audit.search')}>
      <Box
        component="form"
        onSubmit={(event) => {
          event.preventDefault();
          search();
        }}
        sx={{ display: 'flex', flexWrap: 'wrap', gap: 2 }}
      >
        {REFERENCES.map((name) => (
          <TextField
            key={name}
            label={t(`audit.${name}`)}
            placeholder={t(`audit.${name}-example`)}
            size="small"
            value={fields[name] ?? ''}
            onChange={({ target }) => set(name)(target.value)}
          />
        ))}
        {DAYS.map((name) => (
          <TextField
            key={name}
            type="date"
            label={t(`audit.${name}`)}
            size="small"
            value={fields[name] ?? ''}
            onChange={({ target }) => set(name)(target.value)}
            slotProps={{ inputLabel: { shrink: true } }}
          />
        ))}
        <Choice
          label={t('audit.outcome')}
          value={fields.outcome ?? ''}
          options={[['', t('audit.any')], ...OUTCOMES.map((code) => [code, t(`outcome.${code}`)] as const)]}
          onChange={set('outcome')}
        />
        <Choice
          label={t('audit.type')}
          value={fields.type ?? ''}
          options={[['', t('audit.any')], ...TYPES.map((code) => [code, t(`audit-type.${code}`)] as const)]}
          onChange={set('type')}
        />
        <Button type="submit" variant="contained">
          {t('search.search')}
        </Button>
      </Box>
    </Panel>
  );
}

function Events({ search }: { search: string }) {
  const t = useText();
  const words = useWords();
  const [page, setPage] = useState<string>();
  const found = useDocument<Bundle>(page ?? search);
  if (found.data === undefined) return <Loading of={found} />;
  return (
    <>
      <Loading of={found} />
      <DataTable
        label={t('audit.events')}
        columns={[t('audit.when'), t('audit.what'), t('audit.who'), t('audit.whose'), t('audit.how')]}
        rows={matchesOf<AuditEvent>(found.data).map((event) => ({
          key: event.id ?? '',
          cells: [
            <Link key="when" href={pathTo('resource', { type: 'AuditEvent', id: event.id ?? '' })}>
              {formatInstant(event.recorded, words)}
            </Link>,
            whatOf(event),
            whoOf(event),
            <PatientLink key="patient" event={event} />,
            [t(`outcome.${event.outcome ?? '0'}`), event.outcomeDesc].filter(Boolean).join(': '),
          ],
        }))}
        none={t('audit.none')}
      />
      <BundlePages bundle={found.data} onPage={setPage} />
    </>
  );
}

const whatOf = ({ type, subtype }: AuditEvent): string =>
  [subtype?.[0]?.display ?? subtype?.[0]?.code, type.display ?? type.code].filter(Boolean).join(' · ');

const whoOf = ({ agent }: AuditEvent): string =>
  agent
    .filter(({ type }) => type?.coding?.[0]?.code !== '110152' || agent.length === 1)
    .map(({ who, name, altId }) => who?.reference ?? who?.display ?? who?.identifier?.value ?? name ?? altId)
    .filter(Boolean)
    .join(', ');

function PatientLink({ event }: { event: AuditEvent }) {
  const reference = event.entity?.map(({ what }) => what?.reference).find((r) => r?.startsWith('Patient/'));
  const href = reference === undefined ? undefined : pathOfReference(reference);
  return href === undefined ? <>{reference}</> : <Link href={href}>{reference}</Link>;
}
