/** The patient's Consents, apps that have access and how it is taken back, and apps to connect. */
import Chip from '@mui/material/Chip';
import Link from '@mui/material/Link';
import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import type { Consent, ConsentProvision } from '@medplum/fhirtypes';
import {
  formatCoding,
  formatConcept,
  formatDate,
  formatPeriod,
  formatReference,
} from '@dr-assistant/ui/format';
import { useWords, type Words } from '@dr-assistant/ui/i18n';
import { PageHeading } from '@dr-assistant/ui/layout';
import type { PatientSession } from '@dr-assistant/ui/session';
import { usePrivacyQuery } from '../api/privacy.ts';
import { AppsToConnect } from '../components/AppsToConnect.tsx';
import { AppsWithAccess } from '../components/AppsWithAccess.tsx';
import { Loaded } from '../components/Loaded.tsx';
import { Entry, EntryList, Section } from '../components/Section.tsx';
import { pathTo } from '../routes.ts';
import { useText, type Text } from '../words.ts';

export default function PrivacyPage({ session }: { session: PatientSession }) {
  const t = useText();
  const { data, error, refetch } = usePrivacyQuery(session.patientId);
  return (
    <>
      <PageHeading title={t('place.privacy')} />
      <Loaded data={data} error={error} onRetry={() => void refetch()}>
        {({ consents, accountUrl }) => (
          <>
            <Section title={t('privacy.consents')}>
              <EntryList
                label={t('privacy.consents')}
                entries={consents.map((consent) => ({
                  key: consent.id ?? '',
                  view: <ConsentText consent={consent} />,
                }))}
                none={t('privacy.no-consents')}
              />
              <Typography variant="body2" color="text.secondary" sx={{ mt: 1 }}>
                {t('privacy.change')} <Link href={pathTo('write', {})}>{t('home.tell')}</Link>
              </Typography>
            </Section>
            <AppsWithAccess accountUrl={accountUrl} />
          </>
        )}
      </Loaded>
      <AppsToConnect />
      <Section title={t('accesses.title')}>
        <Link href={pathTo('accesses', {})}>{t('privacy.accesses')}</Link>
      </Section>
    </>
  );
}

function ConsentText({ consent }: { consent: Consent }) {
  const t = useText();
  const words = useWords();
  const { scope, category, status, dateTime, policyRule, provision } = consent;
  return (
    <Entry
      what={
        <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap' }}>
          {formatConcept(category[0] ?? scope, words)}
          <Chip size="small" variant="outlined" label={t(`consent-status.${status}`)} />
        </Box>
      }
      details={[
        dateTime && formatDate(dateTime, words),
        policyRule && formatConcept(policyRule, words),
        ...provisionLines(provision, words, t),
      ]}
    />
  );
}

/** Each provision in a line; those within it are exceptions. */
function provisionLines(provision: ConsentProvision | undefined, words: Words, t: Text): string[] {
  if (provision === undefined) return [];
  const parts = [
    provision.actor?.map(({ reference }) => formatReference(reference, words)).join(', '),
    provision.class?.map((c) => formatCoding(c, words)).join(', '),
    provision.purpose?.map((c) => formatCoding(c, words)).join(', '),
    provision.securityLabel?.map((c) => formatCoding(c, words)).join(', '),
    provision.period && formatPeriod(provision.period, words),
  ].filter(Boolean);
  const what = parts.length === 0 ? t('privacy.everything') : parts.join(' · ');
  const line = provision.type === undefined ? [] : [t(`privacy.${provision.type}`, { what })];
  return [...line, ...(provision.provision ?? []).flatMap((inner) => provisionLines(inner, words, t))];
}
