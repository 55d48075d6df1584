/** Packages and terminology: what is installed, the installation of a package, code systems and value sets. */
import { useState } from 'react';
import Box from '@mui/material/Box';
import Link from '@mui/material/Link';
import type { Bundle, CodeSystem, ValueSet } from '@medplum/fhirtypes';
import { formatInstant } from '@dr-assistant/ui/format';
import { useWords } from '@dr-assistant/ui/i18n';
import { PageHeading } from '@dr-assistant/ui/layout';
import { matchesOf } from '@dr-assistant/ui/session';
import type { InstalledPackage, LoadedCodeSystem } from '../api/admin-documents.ts';
import { useDocument } from '../api/console-api.ts';
import { BundlePages } from '../components/BundlePages.tsx';
import { Choice } from '../components/Choice.tsx';
import { DataTable } from '../components/DataTable.tsx';
import { InstallPackage } from '../components/InstallPackage.tsx';
import { Loading } from '../components/Loading.tsx';
import { Panel } from '../components/Panel.tsx';
import { formatCount } from '../pure/amounts.ts';
import { pathTo } from '../routes.ts';
import { useText } from '../words.ts';

interface Installed {
  readonly packages: readonly InstalledPackage[];
  readonly codeSystems: readonly LoadedCodeSystem[];
}

export default function PackagesPage() {
  const t = useText();
  const installed = useDocument<Installed>('/admin/packages');
  return (
    <>
      <PageHeading title={t('packages.title')} />
      <Loading of={installed} />
      {installed.data !== undefined && <Packages packages={installed.data.packages} />}
      <InstallPackage />
      {installed.data !== undefined && <Tables systems={installed.data.codeSystems} />}
      <Terminology />
    </>
  );
}

function Packages({ packages }: Pick<Installed, 'packages'>) {
  const t = useText();
  const words = useWords();
  return (
    <Panel title={t('packages.packages')}>
      <Box sx={{ width: '100%' }}>
        <DataTable
          label={t('packages.list')}
          columns={[t('packages.name'), t('packages.version'), t('packages.stored'), t('packages.left-out'), t('packages.since'), t('packages.state')]} // prettier-ignore
          rows={packages.map(({ name, version, resources, skipped, installedAt, isSuperseded }) => ({
            key: `${name}@${version}`,
            cells: [
              name,
              version,
              formatCount(resources, words.language),
              formatCount(skipped, words.language),
              formatInstant(installedAt, words),
              t(isSuperseded ? 'packages.superseded' : 'packages.current'),
            ],
          }))}
          none={t('packages.none')}
        />
      </Box>
    </Panel>
  );
}

/** Too many concepts for a resource: they are in tables of their own. */
function Tables({ systems }: { systems: Installed['codeSystems'] }) {
  const t = useText();
  const words = useWords();
  return (
    <Panel title={t('packages.large')}>
      <Box sx={{ width: '100%' }}>
        <DataTable
          label={t('packages.tables')}
          columns={[t('packages.url'), t('packages.version'), t('packages.concepts'), t('packages.loaded')]}
          rows={systems.map(({ url, version, concepts, loadedAt }) => ({
            key: `${url}|${version}`,
            cells: [
              url,
              version,
              formatCount(concepts, words.language),
              loadedAt === undefined ? t('packages.incomplete') : formatInstant(loadedAt, words),
            ],
          }))}
          none={t('packages.no-tables')}
        />
      </Box>
    </Panel>
  );
}

const TYPES = ['CodeSystem', 'ValueSet'] as const;

function Terminology() {
  const t = useText();
  const { language } = useWords();
  const [type, setType] = useState<string>(TYPES[0]);
  const [page, setPage] = useState<string>();
  const search = `${type}?_elements=url,version,status,content,count&_sort=_id&_count=20&_total=accurate`;
  const found = useDocument<Bundle>(page ?? search);
  const countOf = ({ count }: CodeSystem): string =>
    count === undefined ? t('packages.not-told') : formatCount(count, language);
  return (
    <Panel title={t('packages.terminology')}>
      <Choice
        label={t('packages.type')}
        value={type}
        options={TYPES.map((word) => [word, word] as const)}
        onChange={(next) => {
          setPage(undefined);
          setType(next);
        }}
      />
      <Box sx={{ width: '100%' }}>
        <Loading of={found} />
        {found.data !== undefined && (
          <>
            <DataTable
              label={t('packages.of-type', { type })}
              columns={[
                t('packages.url'),
                t('packages.version'),
                t('packages.status'),
                ...(type === 'CodeSystem' ? [t('packages.concepts')] : []),
              ]}
              rows={matchesOf<CodeSystem | ValueSet>(found.data).map((resource) => ({
                key: resource.id ?? '',
                cells: [
                  <Link key="url" href={pathTo('resource', { type, id: resource.id ?? '' })}>
                    {resource.url ?? resource.id}
                  </Link>,
                  resource.version,
                  resource.status,
                  ...(resource.resourceType === 'CodeSystem' ? [countOf(resource)] : []),
                ],
              }))}
              none={t('packages.none-of-type', { type })}
            />
            <BundlePages bundle={found.data} onPage={setPage} />
          </>
        )}
      </Box>
    </Panel>
  );
}
