/** A JSON text with line numbers, on whose lines stands what is wrong with them. */
import { useId, useRef } from 'react';
import Box from '@mui/material/Box';
import Link from '@mui/material/Link';
import Typography from '@mui/material/Typography';
import { LiveRegion } from '@dr-assistant/ui/layout';
import { useText } from '../words.ts';

/** What is said of a line, from 0. */
export interface Remark {
  readonly line: number;
  readonly severity: 'error' | 'warning' | 'information';
  readonly text: string;
}

interface Props {
  readonly label: string;
  readonly value: string;
  readonly remarks: readonly Remark[];
  /** What is known of the text while nothing is wrong with it: "Valid", "Checking…". */
  readonly state: string;
  readonly onChange: (value: string) => void;
  /** Control + S. */
  readonly onSave?: () => void;
}

const FONT = { fontFamily: 'ui-monospace, monospace', fontSize: '0.875rem', lineHeight: '1.375rem' } as const;
const LINE_REM = 1.375;
const MIN_LINES = 8;
const COLOR = { error: 'error.main', warning: 'warning.main', information: 'text.secondary' } as const;

export function JsonEditor({ label, value, remarks, state, onChange, onSave }: Props) {
  const t = useText();
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const lines = value.split('\n');
  const numbers = lines.map((_line, i) => i + 1).join('\n');
  const height = `${Math.max(MIN_LINES, lines.length) * LINE_REM}rem`;
  const goToLine = (line: number): void => {
    const start = lines.slice(0, line).join('\n').length + (line > 0 ? 1 : 0);
    area.current?.focus();
    area.current?.setSelectionRange(start, start + (lines[line]?.length ?? 0));
    area.current?.scrollIntoView({ block: 'nearest' });
  };
  const faults = remarks.filter(({ severity }) => severity === 'error').length;
  return (
    <Box sx={{ width: '100%' }}>
      <Typography component="label" htmlFor={id} variant="body2" color="text.secondary">
        {label}
      </Typography>
      <Box
        sx={{
          ...FONT,
          display: 'flex',
          border: 1,
          borderColor: faults > 0 ? 'error.main' : 'divider',
          borderRadius: 1,
          bgcolor: 'background.paper',
          maxHeight: '65vh',
          overflow: 'auto',
        }}
      >
        <Box
          aria-hidden="true"
          sx={{ flex: 'none', px: 1, textAlign: 'right', whiteSpace: 'pre', color: 'text.secondary', height, borderRight: 1, borderColor: 'divider' }} // prettier-ignore
        >
          {numbers}
        </Box>
        <Box sx={{ position: 'relative', flexGrow: 1, height, minWidth: 0 }}>
          {firstOfEachLine(remarks).map((remark) => (
            <LineMark key={remark.line} remark={remark} width={lines[remark.line]?.length ?? 0} />
          ))}
          <Box
            component="textarea"
            id={id}
            ref={area}
            value={value}
            wrap="off"
            spellCheck={false}
            aria-invalid={faults > 0}
            aria-describedby={`${id}-state`}
            onChange={(event: { target: { value: string } }) => onChange(event.target.value)}
            onKeyDown={(event) => {
              if (!(event.ctrlKey || event.metaKey) || event.key !== 's') return;
              event.preventDefault();
              onSave?.();
            }}
            sx={{ ...FONT, position: 'absolute', inset: 0, width: '100%', height: '100%', border: 0, p: 0, pl: 1, m: 0, resize: 'none', whiteSpace: 'pre', overflowX: 'auto', overflowY: 'hidden', bgcolor: 'transparent', color: 'text.primary' }} // prettier-ignore
          />
        </Box>
      </Box>
      <Box id={`${id}-state`} sx={{ mt: 1 }}>
        <LiveRegion>
          <Typography variant="body2" color={faults > 0 ? 'error' : 'text.secondary'}>
            {faults > 0 ? t('editor.faults', { count: faults }) : state}
          </Typography>
        </LiveRegion>
      </Box>
      {remarks.length > 0 && (
        <Box component="ul" aria-label={t('editor.remarks')} sx={{ pl: 2.5, my: 1 }}>
          {remarks.map(({ line, severity, text }) => (
            <li key={`${line} ${severity} ${text}`}>
              <Link component="button" type="button" onClick={() => goToLine(line)} sx={{ font: 'inherit' }}>
                {t('editor.line', { line: line + 1 })}
              </Link>
              <Typography component="span" variant="body2" color={COLOR[severity]} sx={{ ml: 1 }}>
                {t(`editor.${severity}`, { text })}
              </Typography>
            </li>
          ))}
        </Box>
      )}
    </Box>
  );
}

/** Behind the text, which shows through; the list below says the same to those who do not see it. */
function LineMark({ remark: { line, severity, text }, width }: { remark: Remark; width: number }) {
  return (
    <Box
      aria-hidden="true"
      sx={{ position: 'absolute', left: 0, right: 0, top: `${line * LINE_REM}rem`, height: `${LINE_REM}rem`, bgcolor: 'mark.main', pl: `calc(${width + 3}ch + 8px)`, pr: 1, color: COLOR[severity], fontStyle: 'italic', whiteSpace: 'pre', overflow: 'hidden', textOverflow: 'ellipsis' }} // prettier-ignore
    >
      {text}
    </Box>
  );
}

function firstOfEachLine(remarks: readonly Remark[]): Remark[] {
  const rank = { error: 0, warning: 1, information: 2 };
  const byLine = new Map<number, Remark>();
  for (const remark of remarks.toSorted((a, b) => rank[a.severity] - rank[b.severity]))
    if (!byLine.has(remark.line)) byLine.set(remark.line, remark);
  return [...byLine.values()];
}
