/** Work in the background: indexing anew and exports, started here or followed by their address. */
import { useEffect, useState } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { FaultAlert } from '@dr-assistant/ui/layout';
import { call, faultOf, type ApiFault } from '@dr-assistant/ui/session';
import { useSendMutation } from '../api/console-api.ts';
import { useText } from '../words.ts';
import { ConfirmedAction } from './ConfirmedAction.tsx';
import { Panel } from './Panel.tsx';

/** Addresses of the jobs that this tab follows; they name nobody. */
const KEY = 'console jobs';
const POLL_MS = 2_000;

const keptJobs = (): string[] => JSON.parse(sessionStorage.getItem(KEY) ?? '[]') as string[];

export function JobsPanel() {
  const t = useText();
  const [jobs, setJobs] = useState(keptJobs);
  const [address, setAddress] = useState('');
  const [send, { error, isLoading }] = useSendMutation();
  const keep = (next: readonly string[]): void => {
    const unique = [...new Set(next)];
    sessionStorage.setItem(KEY, JSON.stringify(unique));
    setJobs(unique);
  };
  const reindex = async (): Promise<void> => {
    const answer = await send({ url: '$reindex', method: 'POST', isQuestion: true });
    if (answer.data?.location !== undefined) keep([answer.data.location, ...jobs]);
  };
  return (
    <Panel title={t('jobs.title')}>
      <Box
        component="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (address.trim() !== '') keep([address.trim(), ...jobs]);
          setAddress('');
        }}
        sx={{ display: 'flex', gap: 1, flexWrap: 'wrap', alignItems: 'start', width: '100%' }}
      >
        <ConfirmedAction
          label={t('jobs.reindex')}
          text={t('jobs.reindex-text')}
          disabled={isLoading}
          onConfirm={() => void reindex()}
        />
        <TextField
          label={t('jobs.address')}
          helperText={t('jobs.address-hint')}
          size="small"
          value={address}
          onChange={({ target }) => setAddress(target.value)}
          sx={{ flexGrow: 1, maxWidth: '40rem' }}
        />
        <Button type="submit" sx={{ alignSelf: 'start' }}>
          {t('jobs.follow')}
        </Button>
      </Box>
      <FaultAlert fault={error} />
      {jobs.length === 0 && <Typography color="text.secondary">{t('jobs.none')}</Typography>}
      {jobs.map((url) => (
        <Job key={url} url={url} onForget={() => keep(jobs.filter((other) => other !== url))} />
      ))}
    </Panel>
  );
}

/** What a job says of itself: of `$reindex-status` its parameters, of an export its progress or its manifest. */
interface Progress {
  readonly isOver: boolean;
  readonly text: string;
}

interface Answer {
  readonly parameter?: readonly {
    name: string;
    valueCode?: string;
    valueDecimal?: number;
    valueString?: string;
  }[];
  readonly output?: readonly { type: string; count?: number }[];
}

async function loadProgress(url: string, signal: AbortSignal): Promise<Progress> {
  const response = await call(url, { signal });
  const progress = response.headers.get('x-progress');
  if (response.status === 202) return { isOver: false, text: progress ?? '' };
  const { parameter = [], output } = (await response.json()) as Answer;
  if (output !== undefined)
    return {
      isOver: true,
      text: output.map(({ type, count }) => `${type} ${count ?? ''}`.trim()).join(', '),
    };
  const of = (name: string) => parameter.find((p) => p.name === name);
  const state = of('state')?.valueCode ?? '';
  const [done, total] = [of('done')?.valueDecimal ?? 0, of('total')?.valueDecimal];
  const counted = total === undefined ? `${done}` : `${done} / ${total}`;
  const text = [state, counted, of('problem')?.valueString].filter(Boolean).join(' · ');
  return { isOver: state === 'done', text };
}

function Job({ url, onForget }: { url: string; onForget: () => void }) {
  const t = useText();
  const [progress, setProgress] = useState<Progress>();
  const [fault, setFault] = useState<ApiFault>();
  useEffect(() => {
    const ending = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async (): Promise<void> => {
      try {
        const now = await loadProgress(url, ending.signal);
        setProgress(now);
        if (!now.isOver && !ending.signal.aborted) timer = setTimeout(() => void look(), POLL_MS);
      } catch (error) {
        if (!ending.signal.aborted) setFault(faultOf(error));
      }
    };
    void look();
    return () => {
      ending.abort();
      clearTimeout(timer);
    };
  }, [url]);
  return (
    <Box sx={{ display: 'flex', gap: 2, alignItems: 'center', flexWrap: 'wrap', width: '100%' }}>
      <Box component="code" sx={{ overflowWrap: 'anywhere' }}>
        {url}
      </Box>
      <Typography role="status">
        {progress === undefined
          ? fault === undefined && t('app.loading')
          : t(progress.isOver ? 'jobs.over' : 'jobs.under-way', { text: progress.text })}
      </Typography>
      <FaultAlert fault={fault} />
      <Button onClick={onForget} aria-label={t('jobs.forget-one', { url })}>
        {t('jobs.forget')}
      </Button>
    </Box>
  );
}
