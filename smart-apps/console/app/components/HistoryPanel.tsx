/** The versions of a resource, and what differs between two of them. */
import { useState } from 'react';
import Box from '@mui/material/Box';
import type { Bundle, BundleEntry, Parameters } from '@medplum/fhirtypes';
import { formatInstant } from '@dr-assistant/ui/format';
import { useWords } from '@dr-assistant/ui/i18n';
import { useDocument } from '../api/console-api.ts';
import { changesOf } from '../pure/value-at.ts';
import { useText } from '../words.ts';
import { BundlePages } from './BundlePages.tsx';
import { Choice } from './Choice.tsx';
import { DataTable } from './DataTable.tsx';
import { Loading } from './Loading.tsx';
import { Panel } from './Panel.tsx';

/** `Patient/1/_history/3` or the ETag of the entry. */
const versionOf = ({ resource, response }: BundleEntry): string =>
  resource?.meta?.versionId ?? /"(.+)"/.exec(response?.etag ?? '')?.[1] ?? '';

export function HistoryPanel({ type, id }: { type: string; id: string }) {
  const t = useText();
  const words = useWords();
  const [page, setPage] = useState<string>();
  const history = useDocument<Bundle>(page ?? `${type}/${id}/_history`);
  const entries = history.data?.entry ?? [];
  const versions = entries.filter((e) => e.resource !== undefined);
  return (
    <>
      <Loading of={history} />
      {versions.length > 1 && (
        <Difference key={versionOf(versions[0]!)} type={type} id={id} versions={versions} />
      )}
      {history.data !== undefined && (
        <>
          <DataTable
            label={t('history.versions')}
            columns={[t('history.version'), t('history.how'), t('history.when')]}
            rows={entries.map((entry) => ({
              key: versionOf(entry),
              cells: [
                versionOf(entry),
                entry.request?.method,
                formatInstant(entry.resource?.meta?.lastUpdated ?? entry.response?.lastModified ?? '', words),
              ],
            }))}
            none={t('history.none')}
          />
          <BundlePages bundle={history.data} onPage={setPage} />
        </>
      )}
    </>
  );
}

interface DifferenceProps {
  readonly type: string;
  readonly id: string;
  /** Newest first. */
  readonly versions: readonly BundleEntry[];
}

const valueText = (value: unknown): string =>
  value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value, undefined, 1);

function Difference({ type, id, versions }: DifferenceProps) {
  const t = useText();
  const [to, setTo] = useState(versionOf(versions[0]!));
  const [from, setFrom] = useState(versionOf(versions[1]!));
  const diff = useDocument<Parameters>(`${type}/${id}/$diff?fromVersion=${from}&toVersion=${to}`);
  const before = versions.find((entry) => versionOf(entry) === from)?.resource;
  const options = versions.map((entry) => [versionOf(entry), versionOf(entry)] as const);
  const changes = diff.data === undefined ? [] : changesOf(diff.data, before);
  return (
    <Panel title={t('history.difference')}>
      <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap' }}>
        <Choice label={t('history.from')} value={from} options={options} onChange={setFrom} width="9rem" />
        <Choice label={t('history.to')} value={to} options={options} onChange={setTo} width="9rem" />
      </Box>
      <Box sx={{ width: '100%' }}>
        <Loading of={diff} />
        {diff.data !== undefined && (
          <DataTable
            label={t('history.changes')}
            columns={[t('history.place'), t('history.change'), t('history.before'), t('history.after')]}
            rows={changes.map(({ type: kind, path, before: old, after }, i) => ({
              key: `${i} ${path}`,
              cells: [
                path,
                kind,
                <Box key="before" component="span" sx={{ whiteSpace: 'pre-wrap', color: 'text.secondary' }}>
                  {valueText(old)}
                </Box>,
                <Box key="after" component="span" sx={{ whiteSpace: 'pre-wrap' }}>
                  {valueText(after)}
                </Box>,
              ],
            }))}
            none={t('history.same')}
          />
        )}
      </Box>
    </Panel>
  );
}
