/** A search of one type: built, run, paged; each match leads to its resource. */
import { useState } from 'react';
import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import Link from '@mui/material/Link';
import type { Bundle, OperationOutcome, Resource } from '@medplum/fhirtypes';
import { formatInstant } from '@dr-assistant/ui/format';
import { useWords } from '@dr-assistant/ui/i18n';
import { goTo, PageHeading } from '@dr-assistant/ui/layout';
import { useDocument } from '../api/console-api.ts';
import { parametersOf, useCapabilities } from '../api/use-capabilities.ts';
import { BundlePages } from '../components/BundlePages.tsx';
import { DataTable, type TableRowOf } from '../components/DataTable.tsx';
import { Loading } from '../components/Loading.tsx';
import { SearchBuilder } from '../components/SearchBuilder.tsx';
import { summaryOf } from '../pure/summary.ts';
import { pathTo } from '../routes.ts';
import { useText } from '../words.ts';

export default function SearchPage({ type, asked }: { type: string; asked: string }) {
  const t = useText();
  const capabilities = useCapabilities();
  const parameters = parametersOf(capabilities.data, type);
  return (
    <>
      <PageHeading title={t('search.title', { type })}>
        <Button variant="contained" onClick={() => goTo(pathTo('create', { type }))}>
          {t('search.new', { type })}
        </Button>
      </PageHeading>
      {capabilities.data === undefined ? (
        <Loading of={capabilities} />
      ) : (
        <SearchBuilder
          key={asked}
          type={type}
          asked={asked}
          parameters={parameters}
          onSearch={(q) => goTo(pathTo('search', { type }, q === '' ? {} : { q }))}
        />
      )}
      <Results key={asked} type={type} asked={asked} />
    </>
  );
}

function Results({ type, asked }: { type: string; asked: string }) {
  const t = useText();
  const words = useWords();
  const [page, setPage] = useState<string>();
  const found = useDocument<Bundle>(page ?? `${type}${asked === '' ? '' : `?${asked}`}`);
  const entries = found.data?.entry ?? [];
  const row = (resource: Resource, isIncluded: boolean): TableRowOf => {
    const { resourceType, id = '', meta } = resource;
    const name = isIncluded ? `${resourceType}/${id}` : id;
    return {
      key: `${resourceType}/${id}`,
      cells: [
        <Link key="id" href={pathTo('resource', { type: resourceType, id })}>
          {name}
        </Link>,
        summaryOf(resource, words),
        meta?.versionId,
        meta?.lastUpdated === undefined ? '' : formatInstant(meta.lastUpdated, words),
      ],
    };
  };
  const remarks = entries.flatMap(({ resource, search }) =>
    search?.mode === 'outcome' ? ((resource as OperationOutcome).issue ?? []) : [],
  );
  const rows = entries.flatMap(({ resource, search }) =>
    resource === undefined || search?.mode === 'outcome' ? [] : [row(resource, search?.mode === 'include')],
  );
  return (
    <>
      <Loading of={found} />
      {remarks.map((issue, i) => (
        <Alert severity="warning" key={i}>
          {issue.diagnostics ?? issue.details?.text}
        </Alert>
      ))}
      {found.data !== undefined && (
        <>
          <DataTable
            label={t('search.results')}
            columns={[t('search.id'), t('search.what'), t('search.version'), t('search.updated')]}
            rows={rows}
            none={t('search.none')}
          />
          <BundlePages bundle={found.data} onPage={setPage} />
        </>
      )}
    </>
  );
}
