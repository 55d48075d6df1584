/** The patient's conversations, the newest first. */
import Button from '@mui/material/Button';
import Link from '@mui/material/Link';
import { formatDate } from '@dr-assistant/ui/format';
import { useWords } from '@dr-assistant/ui/i18n';
import { goTo, PageHeading } from '@dr-assistant/ui/layout';
import type { PatientSession } from '@dr-assistant/ui/session';
import { useMessagesQuery } from '../api/messages.ts';
import { Loaded } from '../components/Loaded.tsx';
import { Entry, EntryList, Section } from '../components/Section.tsx';
import { isOwn, textOfMessage, threadsOf, timeOfMessage, type Thread } from '../messages/threads.ts';
import { pathTo } from '../routes.ts';
import { useText } from '../words.ts';

export default function MessagesPage({ session }: { session: PatientSession }) {
  const t = useText();
  const { data, error, refetch } = useMessagesQuery(session.patientId, { refetchOnMountOrArgChange: true });
  return (
    <>
      <PageHeading title={t('place.messages')}>
        <Button variant="contained" onClick={() => goTo(pathTo('write', {}))}>
          {t('messages.write')}
        </Button>
      </PageHeading>
      <Loaded data={data} error={error} onRetry={() => void refetch()}>
        {(messages) => (
          <Section title={t('messages.threads')}>
            <EntryList
              label={t('messages.threads')}
              entries={threadsOf(messages).map((thread) => ({
                key: thread.id,
                view: <ThreadEntry thread={thread} patientId={session.patientId} />,
              }))}
              none={t('messages.none')}
            />
          </Section>
        )}
      </Loaded>
    </>
  );
}

function ThreadEntry({ thread, patientId }: { thread: Thread; patientId: string }) {
  const t = useText();
  const words = useWords();
  const last = thread.messages.at(-1);
  if (last === undefined) return null;
  const text = textOfMessage(last);
  const who = isOwn(last, patientId) ? t('messages.you') : (last.sender?.display ?? t('messages.clinic'));
  return (
    <Entry
      what={
        <Link href={pathTo('thread', { id: thread.id })}>{thread.subject ?? t('messages.no-subject')}</Link>
      }
      details={[
        text.length > 100 ? `${text.slice(0, 100)}…` : text,
        [who, formatDate(timeOfMessage(last), words), t('messages.count', { count: thread.messages.length })]
          .filter(Boolean)
          .join(' · '),
      ]}
    />
  );
}
