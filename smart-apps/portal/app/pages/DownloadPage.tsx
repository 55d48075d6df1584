/** The record to take along: as data for other software, and as a summary for people. */
import { useState } from 'react';
import Button from '@mui/material/Button';
import Checkbox from '@mui/material/Checkbox';
import FormControlLabel from '@mui/material/FormControlLabel';
import Typography from '@mui/material/Typography';
import { FaultAlert, goTo, LiveRegion, PageHeading } from '@dr-assistant/ui/layout';
import { faultOf, type PatientSession } from '@dr-assistant/ui/session';
import { save } from '../api/content.ts';
import { loadWholeRecord } from '../api/whole-record.ts';
import { dayIn } from '../appointments/appointment.ts';
import { Section } from '../components/Section.tsx';
import { pathTo } from '../routes.ts';
import { useText } from '../words.ts';

export default function DownloadPage({ session }: { session: PatientSession }) {
  const t = useText();
  return (
    <>
      <PageHeading title={t('place.download')} />
      <DataDownload session={session} />
      <Section title={t('download.summary')}>
        <Typography>{t('download.summary-what')}</Typography>
        <Button variant="outlined" sx={{ mt: 2 }} onClick={() => goTo(pathTo('summary', {}))}>
          {t('download.summary-open')}
        </Button>
      </Section>
    </>
  );
}

function DataDownload({ session }: { session: PatientSession }) {
  const t = useText();
  const [withAccesses, setWithAccesses] = useState(false);
  const [isLoading, setLoading] = useState(false);
  const [said, setSaid] = useState('');
  const [fault, setFault] = useState<unknown>();
  const download = async (): Promise<void> => {
    setLoading(true);
    setFault(undefined);
    try {
      const onProgress = (count: number): void => setSaid(t('download.progress', { count }));
      const bundle = await loadWholeRecord({ session, withAccesses, onProgress });
      const name = `${t('download.file')}-${dayIn(new Date())}.json`;
      save(new Blob([JSON.stringify(bundle, undefined, 2)], { type: 'application/fhir+json' }), name);
      setSaid(t('download.done', { count: bundle.entry?.length ?? 0, name }));
    } catch (error) {
      setSaid('');
      setFault(faultOf(error));
    }
    setLoading(false);
  };
  return (
    <Section title={t('download.data')}>
      <Typography>{t('download.data-what')}</Typography>
      <FormControlLabel
        control={<Checkbox checked={withAccesses} onChange={(_event, checked) => setWithAccesses(checked)} />}
        label={t('download.with-accesses')}
        sx={{ display: 'flex', mt: 1 }}
      />
      <Button variant="contained" disabled={isLoading} sx={{ mt: 1 }} onClick={() => void download()}>
        {t('download.start')}
      </Button>
      <LiveRegion>
        <Typography sx={{ mt: 1 }}>{said}</Typography>
      </LiveRegion>
      <FaultAlert fault={fault} />
      <Typography variant="body2" color="text.secondary" sx={{ mt: 1 }}>
        {t('download.careful')}
      </Typography>
    </Section>
  );
}
