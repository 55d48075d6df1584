/** What each role may do: the policies, and a new one. */
import { useState } from 'react';
import Link from '@mui/material/Link';
import { goTo, PageHeading } from '@dr-assistant/ui/layout';
import type { Policy } from '../api/admin-documents.ts';
import { useDocument } from '../api/console-api.ts';
import { DataTable } from '../components/DataTable.tsx';
import { DocumentEditor } from '../components/DocumentEditor.tsx';
import { Loading } from '../components/Loading.tsx';
import { Panel } from '../components/Panel.tsx';
import { pathTo } from '../routes.ts';
import { useText } from '../words.ts';

const NEW = {
  name: 'trainee',
  rules: [
    {
      resourceType: 'Patient',
      interactions: ['read', 'search-type'],
      patients: ['general-practitioner=%practitioner'],
    },
  ],
};

export default function PoliciesPage() {
  const t = useText();
  const list = useDocument<{ policies: readonly Policy[] }>('/admin/policies');
  const [start] = useState(NEW);
  return (
    <>
      <PageHeading title={t('policies.title')} />
      <Loading of={list} />
      {list.data !== undefined && (
        <DataTable
          label={t('policies.title')}
          columns={[t('policies.name'), t('policies.rules'), t('policies.administers')]}
          rows={list.data.policies.map(({ name, rules, administration }) => ({
            key: name,
            cells: [
              <Link key="name" href={pathTo('policy', { name })}>
                {name}
              </Link>,
              rules.length,
              administration === true ? t('policies.yes') : t('policies.no'),
            ],
          }))}
          none={t('policies.none')}
        />
      )}
      <Panel title={t('policies.new')}>
        <DocumentEditor
          label={t('policies.document')}
          document={start}
          save={t('policies.create')}
          to={(document) => ({
            url: `/admin/policies/${encodeURIComponent(nameOf(document) || '-')}`,
            method: 'PUT',
            headers: { 'If-None-Match': '*' },
          })}
          onSaved={({ body }) => goTo(pathTo('policy', { name: nameOf(body as object) }))}
        />
      </Panel>
    </>
  );
}

const nameOf = (document: object): string => {
  const { name } = document as { name?: unknown };
  return typeof name === 'string' ? name : '';
};
