/** Who accessed my record: by the day, in plain words. */
import { useState } from 'react';
import Button from '@mui/material/Button';
import Checkbox from '@mui/material/Checkbox';
import Chip from '@mui/material/Chip';
import Box from '@mui/material/Box';
import FormControlLabel from '@mui/material/FormControlLabel';
import Typography from '@mui/material/Typography';
import { formatDay } from '@dr-assistant/ui/format';
import { useWords } from '@dr-assistant/ui/i18n';
import { EmptyState, PageHeading } from '@dr-assistant/ui/layout';
import type { PatientSession } from '@dr-assistant/ui/session';
import { accessesByDay, accessesOf, type Access } from '../accesses/access.ts';
import { useAccessesInfiniteQuery } from '../api/accesses.ts';
import { Loaded } from '../components/Loaded.tsx';
import { EntryList, Section } from '../components/Section.tsx';
import { useText, type Key } from '../words.ts';
import en from '../locale/en.json';

export default function AccessesPage({ session }: { session: PatientSession }) {
  const t = useText();
  const words = useWords();
  const [withOwn, setWithOwn] = useState(false);
  const wanted = { patientId: session.patientId, withOwn };
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetching } = useAccessesInfiniteQuery(wanted);
  return (
    <>
      <PageHeading title={t('accesses.title')} />
      <Typography color="text.secondary">{t('accesses.what')}</Typography>
      <FormControlLabel
        control={<Checkbox checked={withOwn} onChange={(_event, checked) => setWithOwn(checked)} />}
        label={t('accesses.with-own')}
      />
      <Loaded data={data} error={error} onRetry={() => void refetch()}>
        {({ pages }) => {
          const names = Object.assign({}, ...pages.map((page) => page.names)) as Record<string, string>;
          const days = accessesByDay(accessesOf(pages.flatMap(({ events }) => events)));
          return (
            <>
              {days.length === 0 && <EmptyState text={t('accesses.none')} />}
              {days.map(([day, list]) => (
                <Section key={day} title={formatDay(day, words)}>
                  <EntryList
                    label={formatDay(day, words)}
                    entries={list.map((access) => ({
                      key: access.key,
                      view: <AccessText access={access} names={names} patientId={session.patientId} />,
                    }))}
                    none=""
                    isWhole
                  />
                </Section>
              ))}
              {hasNextPage && (
                <Button disabled={isFetching} onClick={() => void fetchNextPage()} sx={{ mt: 2 }}>
                  {t('accesses.earlier')}
                </Button>
              )}
            </>
          );
        }}
      </Loaded>
    </>
  );
}

interface AccessTextProps {
  readonly access: Access;
  readonly names: Readonly<Record<string, string>>;
  readonly patientId: string;
}

function AccessText({ access, names, patientId }: AccessTextProps) {
  const t = useText();
  const words = useWords();
  const { user, app, deed, types, first, last, isEmergency, isRefused } = access;
  const list = new Intl.ListFormat(words.language, { type: 'conjunction' });
  const kinds = [
    ...new Set(types.map((type) => (type in en.kind ? t(`kind.${type}` as Key) : spelled(type)))),
  ];
  const what = kinds.length === 0 ? t('accesses.record') : list.format(kinds);
  const program = app === undefined ? t('accesses.software') : t('accesses.app', { app });
  const who =
    user === `Patient/${patientId}`
      ? t('messages.you')
      : user === undefined
        ? program
        : (names[user] ?? user);
  const form = new Intl.DateTimeFormat(words.language, { timeStyle: 'short' });
  const time = form.formatRange(new Date(first), new Date(last));
  return (
    <Box sx={{ display: 'flex', flexWrap: 'wrap', columnGap: 2, rowGap: 0.5 }}>
      <Typography component="span" color="text.secondary" sx={{ flex: '0 0 9rem' }}>
        {time}
      </Typography>
      <Box sx={{ flex: '1 1 14rem', minWidth: 0, overflowWrap: 'anywhere' }}>
        <Typography component="span">
          {t(`accesses.${deed}`, { who, what })}{' '}
          {user !== undefined && app !== undefined && t('accesses.through', { app })}
        </Typography>
        {isEmergency && (
          <Chip
            size="small"
            color="warning"
            variant="outlined"
            label={t('accesses.emergency')}
            sx={{ ml: 1 }}
          />
        )}
        {isRefused && <Chip size="small" variant="outlined" label={t('accesses.refused')} sx={{ ml: 1 }} />}
      </Box>
    </Box>
  );
}

/** `EpisodeOfCare` → `episode of care`, for types that the catalog has no word for. */
const spelled = (type: string): string => type.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
