/** The server and its work: what it can do, and jobs in the background. */
import Box from '@mui/material/Box';
import Link from '@mui/material/Link';
import type { CapabilityStatement } from '@medplum/fhirtypes';
import { formatDate } from '@dr-assistant/ui/format';
import { useWords } from '@dr-assistant/ui/i18n';
import { PageHeading } from '@dr-assistant/ui/layout';
import { useCapabilities } from '../api/use-capabilities.ts';
import { JobsPanel } from '../components/JobsPanel.tsx';
import { Loading } from '../components/Loading.tsx';
import { Panel } from '../components/Panel.tsx';
import { pathTo } from '../routes.ts';
import { useText } from '../words.ts';

export default function ServerPage() {
  const t = useText();
  const capabilities = useCapabilities();
  return (
    <>
      <PageHeading title={t('server.title')} />
      <Loading of={capabilities} />
      {capabilities.data !== undefined && <Summary statement={capabilities.data} />}
      <JobsPanel />
    </>
  );
}

function Summary({ statement }: { statement: CapabilityStatement }) {
  const t = useText();
  const words = useWords();
  const rest = statement.rest?.[0];
  const resources = rest?.resource ?? [];
  const operations = [
    ...(rest?.operation ?? []),
    ...resources.flatMap(({ operation = [] }) => operation),
  ].map(({ name }) => `$${name}`);
  const facts: [string, string | number | undefined][] = [
    [t('server.software'), [statement.software?.name, statement.software?.version].filter(Boolean).join(' ')],
    [t('server.fhir-version'), statement.fhirVersion],
    [t('server.address'), statement.implementation?.url],
    [t('server.date'), formatDate(statement.date ?? '', words)],
    [t('server.formats'), statement.format?.join(', ')],
    [t('server.types'), resources.length],
    [t('server.parameters'), resources.reduce((sum, { searchParam = [] }) => sum + searchParam.length, 0)],
    [
      t('server.profiles'),
      resources.reduce((sum, { supportedProfile = [] }) => sum + supportedProfile.length, 0),
    ],
    [t('server.operations'), [...new Set(operations)].toSorted().join(' ')],
  ];
  return (
    <Panel title={t('server.capabilities')}>
      <Box
        component="dl"
        sx={{ m: 0, display: 'grid', columnGap: 2, rowGap: 0.5, gridTemplateColumns: '12rem 1fr' }}
      >
        {facts.map(([label, value]) => (
          <Box key={label} sx={{ display: 'contents' }}>
            <Box component="dt" sx={{ color: 'text.secondary' }}>
              {label}
            </Box>
            <Box component="dd" sx={{ m: 0, overflowWrap: 'anywhere' }}>
              {value}
            </Box>
          </Box>
        ))}
      </Box>
      <Link href={pathTo('query', {}, { path: 'metadata' })}>{t('server.whole')}</Link>
    </Panel>
  );
}
