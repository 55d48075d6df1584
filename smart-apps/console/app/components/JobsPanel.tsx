/** Work in the background: indexing anew and exports, with how far each is; exports can be ended. */
import { useEffect } from 'react';
import Box from '@mui/material/Box';
import LinearProgress from '@mui/material/LinearProgress';
import Typography from '@mui/material/Typography';
import { formatInstant } from '@dr-assistant/ui/format';
import { useWords } from '@dr-assistant/ui/i18n';
import { FaultAlert } from '@dr-assistant/ui/layout';
import type { Job } from '../api/admin-documents.ts';
import { useDocument, useSendMutation } from '../api/console-api.ts';
import { formatCount, formatShare } from '../pure/amounts.ts';
import { useText } from '../words.ts';
import { ConfirmedAction } from './ConfirmedAction.tsx';
import { DataTable } from './DataTable.tsx';
import { Panel } from './Panel.tsx';

const POLL_MS = 2_000;

const isOpen = ({ state }: Job): boolean => state === 'waiting' || state === 'running';

export function JobsPanel() {
  const t = useText();
  const words = useWords();
  const { data, fault, reload } = useDocument<{ jobs: readonly Job[] }>('/admin/jobs');
  const [send, { error, isLoading }] = useSendMutation();
  const jobs = data?.jobs;
  const isWorking = jobs?.some(isOpen) ?? false;
  useEffect(() => {
    if (!isWorking) return undefined;
    const timer = setInterval(reload, POLL_MS);
    return () => clearInterval(timer);
  });
  return (
    <Panel title={t('jobs.title')}>
      <ConfirmedAction
        label={t('jobs.reindex')}
        text={t('jobs.reindex-text')}
        disabled={isLoading}
        onConfirm={() => void send({ url: '$reindex', method: 'POST' })}
      />
      <FaultAlert fault={error} />
      <FaultAlert fault={fault} words={{ 403: t('app.forbidden') }} />
      <Box sx={{ width: '100%' }}>
        {jobs !== undefined && (
          <DataTable
            label={t('jobs.list')}
            columns={[t('jobs.what'), t('jobs.whose'), t('jobs.since'), t('jobs.state'), t('jobs.progress'), t('jobs.end')]} // prettier-ignore
            rows={jobs.map((job) => ({
              key: job.id,
              cells: [
                <What key="what" job={job} />,
                [job.clientId, job.username ?? job.userId].filter(Boolean).join(' · '),
                formatInstant(job.since, words),
                <State key="state" job={job} />,
                <Progress key="progress" job={job} />,
                job.kind === 'export' && (
                  <ConfirmedAction
                    key="end"
                    label={t(isOpen(job) ? 'jobs.cancel' : 'jobs.remove')}
                    text={t('jobs.cancel-text', { client: job.clientId })}
                    disabled={isLoading}
                    onConfirm={() => void send({ url: `/admin/jobs/${job.id}`, method: 'DELETE' })}
                  />
                ),
              ],
            }))}
            none={t('jobs.none')}
          />
        )}
      </Box>
    </Panel>
  );
}

function What({ job: { kind, reason, parameter } }: { job: Job }) {
  const t = useText();
  if (kind === 'export') return <>{t('jobs.export')}</>;
  return <>{t(`jobs.of-${reason ?? 'request'}`, { parameter })}</>;
}

function State({ job: { state, hasFailed = false } }: { job: Job }) {
  const t = useText();
  return (
    <>
      {t(`job-state.${state}`)}
      {hasFailed && <Typography variant="body2">{t('jobs.failed')}</Typography>}
    </>
  );
}

function Progress({ job }: { job: Job }) {
  const t = useText();
  const { language } = useWords();
  const { done, total, share } = job;
  const counted = formatCount(done, language);
  const text =
    total === undefined
      ? t('jobs.done', { count: done, done: counted })
      : t('jobs.done-of', { done: counted, total: formatCount(total, language) });
  return (
    <Box sx={{ minWidth: '10rem' }}>
      {isOpen(job) && share !== undefined && (
        <LinearProgress
          variant="determinate"
          value={share * 100}
          aria-label={t('jobs.progress')}
          aria-valuetext={t('jobs.share', { share: formatShare(share, language), text })}
        />
      )}
      {text}
    </Box>
  );
}
