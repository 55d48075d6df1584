/** The apps that can be launched on the patient, with a visit and an intent where one is chosen. */
import { useId, useState } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import type { Encounter } from '@medplum/fhirtypes';
import { AppCard } from '@dr-assistant/ui/apps';
import { useWords } from '@dr-assistant/ui/i18n';
import { EmptyState, FaultAlert } from '@dr-assistant/ui/layout';
import { entryText } from './chart-entry.ts';
import { useAppsQuery, useLaunchMutation, type LaunchableApp } from './ehr-api.ts';
import { offeredIntents } from './intents.ts';
import { useText } from './words.ts';

interface Props {
  readonly patientId: string;
  readonly encounters: readonly Encounter[];
}

export function AppGallery({ patientId, encounters }: Props) {
  const t = useText();
  const apps = useAppsQuery(undefined);
  const [launch, launching] = useLaunchMutation();
  const [encounter, setEncounter] = useState('');
  const [intent, setIntent] = useState('');
  const start = async ({ client_id, launch_url }: LaunchableApp): Promise<void> => {
    const { data } = await launch({
      client_id,
      launch_url,
      patient: patientId,
      ...(encounter === '' ? {} : { encounter }),
      ...(intent.trim() === '' ? {} : { intent: intent.trim() }),
    });
    if (data !== undefined) location.assign(data.url);
  };
  return (
    <Box component="section" aria-label={t('apps.label')} sx={{ mb: 3 }}>
      <Typography variant="h2" component="h3" gutterBottom>
        {t('apps.label')}
      </Typography>
      <FaultAlert fault={apps.error ?? launching.error} />
      <Box sx={{ display: 'grid', gap: 2, gridTemplateColumns: { xs: '1fr', sm: '1fr 1fr' }, my: 2 }}>
        <EncounterField encounters={encounters} value={encounter} onChange={setEncounter} />
        <IntentField apps={apps.data ?? []} value={intent} onChange={setIntent} />
      </Box>
      {apps.data?.length === 0 && <EmptyState text={t('apps.none')} />}
      <Box
        component="ul"
        aria-label={t('apps.label')}
        sx={{
          listStyle: 'none',
          m: 0,
          p: 0,
          display: 'grid',
          gap: 2,
          gridTemplateColumns: 'repeat(auto-fill, minmax(15rem, 1fr))',
        }}
      >
        {apps.data?.map((app) => (
          <li key={`${app.client_id} ${app.launch_url}`}>
            <AppCard app={app} level="h4">
              {app.launch_intents.length > 0 && (
                <Typography variant="body2" sx={{ mt: 1, overflowWrap: 'anywhere' }}>
                  {t('apps.intents', { intents: app.launch_intents.join(', ') })}
                </Typography>
              )}
              <Button
                variant="contained"
                disabled={launching.isLoading}
                onClick={() => void start(app)}
                sx={{ mt: 2 }}
              >
                {t('apps.launch', { app: app.client_name })}
              </Button>
            </AppCard>
          </li>
        ))}
      </Box>
    </Box>
  );
}

interface FieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function EncounterField({
  encounters,
  value,
  onChange,
}: FieldProps & { readonly encounters: readonly Encounter[] }) {
  const t = useText();
  const words = useWords();
  return (
    <TextField
      select
      size="small"
      label={t('apps.encounter')}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      slotProps={{ select: { native: true }, inputLabel: { shrink: true } }}
    >
      <option value="">{t('apps.no-encounter')}</option>
      {encounters.map((one) => (
        <option key={one.id} value={one.id}>
          {entryText(one, words, t('chart.visit'))}
        </option>
      ))}
    </TextField>
  );
}

/** Of one's own choice, since each app has words of its own; those that are known are offered. */
function IntentField({ apps, value, onChange }: FieldProps & { readonly apps: readonly LaunchableApp[] }) {
  const t = useText();
  const listId = useId();
  return (
    <>
      <TextField
        size="small"
        label={t('apps.intent')}
        helperText={t('apps.intent-hint')}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        slotProps={{ htmlInput: { list: listId, maxLength: 200, autoComplete: 'off' } }}
      />
      <datalist id={listId}>
        {offeredIntents(apps).map((intent) => (
          <option key={intent} value={intent} />
        ))}
      </datalist>
    </>
  );
}
