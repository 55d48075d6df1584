/** Runs of the bots, the newest first: how they went, how long each stage took, what it cost, and how the providers did. */
import { useState } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import type { Bundle, Task } from '@medplum/fhirtypes';
import { PageHeading } from '@dr-assistant/ui/layout';
import { matchesOf } from '@dr-assistant/ui/session';
import type { Client } from '../api/admin-documents.ts';
import { useDocument } from '../api/console-api.ts';
import { BotRunTable } from '../components/BotRunTable.tsx';
import { BundlePages } from '../components/BundlePages.tsx';
import { Choice } from '../components/Choice.tsx';
import { Loading } from '../components/Loading.tsx';
import { Panel } from '../components/Panel.tsx';
import { ProviderHealthTable } from '../components/ProviderHealthTable.tsx';
import { botRunOf, identifiersOf, RUN_STATUSES, WOKEN_BY } from '../pure/bot-run.ts';
import { useText } from '../words.ts';

const PAGE_SIZE = 20;

interface Filter {
  readonly status: string;
  readonly bot: string;
  readonly by: string;
}

/** A bot is a service that keeps Tasks; its client is called as it is. */
const botsOf = (clients: readonly Client[]): string[] =>
  clients
    .filter(({ redirectUris, scope }) => redirectUris === undefined && scope.includes('system/Task.'))
    .map(({ clientId }) => clientId);

export default function BotRunsPage() {
  const t = useText();
  const clients = useDocument<{ clients: readonly Client[] }>('/admin/clients?limit=500');
  const [filter, setFilter] = useState<Filter>({ status: '', bot: '', by: 'task' });
  const bots = clients.data === undefined ? undefined : botsOf(clients.data.clients);
  return (
    <>
      <PageHeading title={t('bots.title')} />
      <FilterFields filter={filter} bots={bots ?? []} onChange={setFilter} />
      {bots === undefined ? (
        <Loading of={clients} />
      ) : (
        <Runs key={JSON.stringify(filter)} search={searchOf(filter, bots)} />
      )}
    </>
  );
}

/** Undefined when there is no bot. */
function searchOf({ status, bot, by }: Filter, bots: readonly string[]): string | undefined {
  if (bots.length === 0) return undefined;
  const kinds = WOKEN_BY.filter((kind) => by === '' || by === kind);
  const query = new URLSearchParams({
    identifier: identifiersOf(bot === '' ? bots : [bot], kinds),
    ...(status === '' ? {} : { status }),
    _sort: '-_lastUpdated',
    _count: String(PAGE_SIZE),
  });
  return `Task?${query.toString()}`;
}

interface FilterProps {
  readonly filter: Filter;
  readonly bots: readonly string[];
  readonly onChange: (filter: Filter) => void;
}

function FilterFields({ filter, bots, onChange }: FilterProps) {
  const t = useText();
  const set = (name: keyof Filter) => (value: string) => onChange({ ...filter, [name]: value });
  return (
    <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap' }}>
      <Choice
        label={t('bots.status')}
        value={filter.status}
        options={[['', t('bots.any')], ...RUN_STATUSES.map((s) => [s, t(`task-status.${s}`)] as const)]}
        onChange={set('status')}
      />
      <Choice
        label={t('bots.bot')}
        value={filter.bot}
        options={[['', t('bots.any')], ...bots.map((bot) => [bot, bot] as const)]}
        onChange={set('bot')}
      />
      <Choice
        label={t('bots.woken-by')}
        value={filter.by}
        options={[...WOKEN_BY.map((kind) => [kind, t(`woken-by.${kind}`)] as const), ['', t('bots.any')]]}
        onChange={set('by')}
      />
    </Box>
  );
}

function Runs({ search }: { search: string | undefined }) {
  const t = useText();
  const [page, setPage] = useState<string>();
  const found = useDocument<Bundle>(page ?? search);
  const runs = found.data === undefined ? undefined : matchesOf<Task>(found.data).map(botRunOf);
  if (search === undefined) return <Panel>{t('bots.no-bots')}</Panel>;
  return (
    <>
      <Loading of={found} />
      {found.data !== undefined && runs !== undefined && (
        <>
          <Panel title={t('bots.providers')}>
            <Box sx={{ width: '100%' }}>
              <ProviderHealthTable runs={runs} />
            </Box>
          </Panel>
          <Panel title={t('bots.runs')}>
            <Button onClick={found.reload}>{t('app.reload')}</Button>
            <Box sx={{ width: '100%' }}>
              <BotRunTable runs={runs} />
              <BundlePages bundle={found.data} onPage={setPage} />
            </Box>
          </Panel>
        </>
      )}
    </>
  );
}
