/** One document: its text as a page, and its files, which are opened with the session's token. */
import { useState } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Paper from '@mui/material/Paper';
import Typography from '@mui/material/Typography';
import type { Attachment } from '@medplum/fhirtypes';
import { formatAttachment, formatDay } from '@dr-assistant/ui/format';
import { useWords } from '@dr-assistant/ui/i18n';
import { EmptyState, FaultAlert, PageHeading } from '@dr-assistant/ui/layout';
import { faultOf, type PatientSession } from '@dr-assistant/ui/session';
import { loadContent, save } from '../api/content.ts';
import { BackLink } from '../components/BackLink.tsx';
import { LoadedRecord } from '../components/Loaded.tsx';
import { documentsOf, type DocumentPart } from '../record/documents.ts';
import { narrativeText } from '../record/narrative.ts';
import { pathTo } from '../routes.ts';
import { useText } from '../words.ts';

export default function DocumentPage({
  session,
  type,
  id,
}: {
  session: PatientSession;
  type: string;
  id: string;
}) {
  const t = useText();
  const words = useWords();
  return (
    <>
      <BackLink href={pathTo('record', {})} text={t('document.back')} />
      <LoadedRecord session={session}>
        {(record) => {
          const found = documentsOf(record, words).find((d) => d.type === type && d.id === id);
          if (found === undefined) return <NoDocument />;
          const { title, date, author, parts, files } = found;
          return (
            <>
              <PageHeading title={title} />
              <Typography color="text.secondary">
                {[date && formatDay(date, words), author].filter(Boolean).join(' · ')}
              </Typography>
              <Paper variant="outlined" sx={{ p: { xs: 2, sm: 3 }, mt: 2 }}>
                {parts.map((part, i) => (
                  <Part key={i} part={part} />
                ))}
                {files.map((file, i) => (
                  <File key={i} file={file} name={title} />
                ))}
                {parts.length + files.length === 0 && <EmptyState text={t('document.empty')} />}
              </Paper>
            </>
          );
        }}
      </LoadedRecord>
    </>
  );
}

function NoDocument() {
  const t = useText();
  return (
    <>
      <PageHeading title={t('document.title')} />
      <EmptyState text={t('document.none')} />
    </>
  );
}

const TEXT = { whiteSpace: 'pre-line', overflowWrap: 'anywhere' } as const;

function Part({ part: { title, html, text } }: { part: DocumentPart }) {
  const shown = text ?? (html === undefined ? '' : narrativeText(html));
  if (shown === '') return null;
  return (
    <Box component="section" sx={{ mb: 2 }}>
      {title !== '' && <Typography variant="h2">{title}</Typography>}
      <Typography sx={TEXT}>{shown}</Typography>
    </Box>
  );
}

function File({ file, name }: { file: Attachment; name: string }) {
  const t = useText();
  const words = useWords();
  const [text, setText] = useState<string>();
  const [fault, setFault] = useState<unknown>();
  const open = async (): Promise<void> => {
    try {
      const content = await loadContent(file);
      if (content.type.startsWith('text/plain')) setText(await content.text());
      else save(content, file.title ?? name);
      setFault(undefined);
    } catch (error) {
      setFault(faultOf(error));
    }
  };
  return (
    <Box sx={{ mb: 2 }}>
      {text === undefined ? (
        <Button variant="outlined" onClick={() => void open()}>
          {t('document.open', { name: formatAttachment(file, words) })}
        </Button>
      ) : (
        <Typography sx={TEXT}>{text}</Typography>
      )}
      <FaultAlert fault={fault} />
    </Box>
  );
}
