/** A package file chosen and installed, with what became of it. https://hl7.org/fhir/packages.html */
import { useId, useState } from 'react';
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import LinearProgress from '@mui/material/LinearProgress';
import Typography from '@mui/material/Typography';
import { FaultAlert } from '@dr-assistant/ui/layout';
import type { InstallReport } from '../api/admin-documents.ts';
import { useSendMutation } from '../api/console-api.ts';
import { useText } from '../words.ts';
import { ConfirmedAction } from './ConfirmedAction.tsx';
import { Panel } from './Panel.tsx';

export function InstallPackage() {
  const t = useText();
  const id = useId();
  const [file, setFile] = useState<File>();
  const [report, setReport] = useState<InstallReport>();
  const [send, { error, isLoading }] = useSendMutation();
  const install = async (): Promise<void> => {
    if (file === undefined) return;
    setReport(undefined);
    const answer = await send({ url: '/admin/packages', method: 'POST', file });
    if (answer.error === undefined) setReport(answer.data.body as InstallReport);
  };
  return (
    <Panel title={t('packages.install-title')}>
      <Typography>{t('packages.about')}</Typography>
      <Box sx={{ display: 'flex', gap: 2, flexWrap: 'wrap', alignItems: 'center' }}>
        <label htmlFor={id}>{t('packages.file')}</label>
        <input
          id={id}
          type="file"
          accept=".tgz,.tar.gz,application/gzip"
          onChange={({ target }) => setFile(target.files?.[0])}
        />
        <ConfirmedAction
          label={t('packages.install')}
          text={t('packages.install-text', { file: file?.name })}
          disabled={file === undefined || isLoading}
          onConfirm={() => void install()}
        />
      </Box>
      {isLoading && <LinearProgress aria-label={t('packages.installing')} sx={{ width: '100%' }} />}
      <FaultAlert fault={error} words={{ 403: t('app.forbidden'), 413: t('packages.too-large') }} />
      <div role="status">{report !== undefined && <Report report={report} />}</div>
    </Panel>
  );
}

function Report({ report }: { report: InstallReport }) {
  const t = useText();
  const { name, version, wasInstalled, stored, skipped, missing } = report;
  const isWhole = skipped.length === 0 && missing.length === 0;
  return (
    <Alert severity={isWhole ? 'success' : 'warning'}>
      {wasInstalled
        ? t('packages.was-installed', { name, version })
        : t('packages.installed', { name, version, count: stored })}
      {missing.length > 0 && <div>{t('packages.missing', { names: missing.join(', ') })}</div>}
      {skipped.length > 0 && (
        <details>
          <summary>{t('packages.skipped', { count: skipped.length })}</summary>
          <Box component="ul" sx={{ m: 0, maxHeight: 240, overflow: 'auto' }} tabIndex={0}>
            {skipped.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </Box>
        </details>
      )}
    </Alert>
  );
}
