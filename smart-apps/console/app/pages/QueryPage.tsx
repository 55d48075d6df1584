/** Any GET or POST of the FHIR API, with the answer as it came. */
import { useState } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Link from '@mui/material/Link';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { FaultAlert, PageHeading } from '@dr-assistant/ui/layout';
import { call, faultOf, type ApiFault } from '@dr-assistant/ui/session';
import { Choice } from '../components/Choice.tsx';
import { Panel } from '../components/Panel.tsx';
import { keepQuery, useQueries, type Query } from '../components/query-history.ts';
import { useText } from '../words.ts';

interface Answer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly durationMs: number;
  readonly bytes: number;
  readonly text: string;
}

/** JSON in lines; anything else as it came. */
function inLines(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}

/** A form where the body looks like one, otherwise FHIR's JSON. */
const typeOf = (path: string, body: string): string =>
  /_search(\?|$)/.test(path) && !body.trim().startsWith('{')
    ? 'application/x-www-form-urlencoded'
    : 'application/fhir+json';

async function run({ method, path, body }: Query): Promise<Answer> {
  const started = performance.now();
  const sent =
    method === 'GET' || body === '' ? {} : { body, headers: { 'Content-Type': typeOf(path, body) } };
  const response = await call(path.replace(/^\//, ''), { method, ...sent, anyStatus: true });
  const text = await response.text();
  return {
    status: response.status,
    statusText: response.statusText,
    headers: [...response.headers],
    durationMs: Math.round(performance.now() - started),
    bytes: new Blob([text]).size,
    text: inLines(text),
  };
}

export default function QueryPage({ asked }: { asked: string | undefined }) {
  const t = useText();
  const [query, setQuery] = useState<Query>({ method: 'GET', path: asked ?? 'Patient?_count=5', body: '' });
  const [answer, setAnswer] = useState<Answer>();
  const [fault, setFault] = useState<ApiFault>();
  const [isRunning, setIsRunning] = useState(false);
  const start = async (): Promise<void> => {
    setIsRunning(true);
    setFault(undefined);
    keepQuery(query);
    try {
      setAnswer(await run(query));
    } catch (error) {
      setAnswer(undefined);
      setFault(faultOf(error));
    }
    setIsRunning(false);
  };
  return (
    <>
      <PageHeading title={t('query.title')} />
      <Panel>
        <Box
          component="form"
          onSubmit={(event) => {
            event.preventDefault();
            void start();
          }}
          sx={{ display: 'grid', gap: 2, width: '100%' }}
        >
          <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap' }}>
            <Choice
              label={t('query.method')}
              value={query.method}
              options={(['GET', 'POST'] as const).map((method) => [method, method] as const)}
              onChange={(method) => setQuery({ ...query, method: method as Query['method'] })}
              width="7rem"
            />
            <TextField
              label={t('query.path')}
              size="small"
              required
              value={query.path}
              onChange={({ target }) => setQuery({ ...query, path: target.value })}
              slotProps={{
                htmlInput: { spellCheck: false, style: { fontFamily: 'ui-monospace, monospace' } },
              }}
              sx={{ flexGrow: 1, minWidth: '16rem' }}
            />
            <Button type="submit" variant="contained" disabled={isRunning}>
              {t('query.run')}
            </Button>
          </Box>
          {query.method === 'POST' && (
            <TextField
              label={t('query.body')}
              multiline
              minRows={4}
              maxRows={20}
              value={query.body}
              onChange={({ target }) => setQuery({ ...query, body: target.value })}
              slotProps={{
                htmlInput: { spellCheck: false, style: { fontFamily: 'ui-monospace, monospace' } },
              }}
            />
          )}
        </Box>
      </Panel>
      <FaultAlert fault={fault} />
      <div role="status">
        {answer !== undefined && (
          <Typography>
            {t('query.answered', {
              status: answer.status,
              text: answer.statusText,
              duration: answer.durationMs,
              bytes: answer.bytes,
            })}
          </Typography>
        )}
      </div>
      {answer !== undefined && <AnswerPanel answer={answer} />}
      <History onChoose={setQuery} />
    </>
  );
}

function AnswerPanel({ answer: { headers, text } }: { answer: Answer }) {
  const t = useText();
  return (
    <Panel title={t('query.answer')}>
      <Box component="details">
        <summary>{t('query.headers')}</summary>
        <Box component="pre" sx={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', fontSize: '0.8rem' }}>
          {headers.map(([name, value]) => `${name}: ${value}`).join('\n')}
        </Box>
      </Box>
      <Box
        component="pre"
        tabIndex={0}
        role="region"
        aria-label={t('query.answer-body')}
        sx={{ m: 0, width: '100%', maxHeight: '65vh', overflow: 'auto', fontFamily: 'ui-monospace, monospace', fontSize: '0.8125rem' }} // prettier-ignore
      >
        {text === '' ? t('query.empty') : text}
      </Box>
    </Panel>
  );
}

function History({ onChoose }: { onChoose: (query: Query) => void }) {
  const t = useText();
  const queries = useQueries();
  return (
    <Panel title={t('query.history')}>
      {queries.length === 0 && <Typography color="text.secondary">{t('query.no-history')}</Typography>}
      <Box component="ul" sx={{ m: 0, pl: 2.5 }}>
        {queries.map((query) => (
          <li key={JSON.stringify(query)}>
            <Link component="button" type="button" onClick={() => onChoose(query)} sx={{ textAlign: 'left' }}>
              {t('query.past', { method: query.method, path: query.path })}
            </Link>
          </li>
        ))}
      </Box>
    </Panel>
  );
}
