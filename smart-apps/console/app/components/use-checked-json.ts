/** The text of a document under work, with what is wrong with it while it is written. */
import { useEffect, useMemo, useState } from 'react';
import { callJson, faultOf, issuesOf, type ApiIssue } from '@dr-assistant/ui/session';
import { parseDocument, remarksOf } from '../pure/remarks.ts';
import { useText } from '../words.ts';
import type { Remark } from './JsonEditor.tsx';

const PAUSE_MS = 500;

/** Issues of one text; those of another are out of date. */
interface Said {
  readonly text: string;
  readonly issues: readonly ApiIssue[];
}

export interface CheckedJson {
  readonly text: string;
  readonly setText: (text: string) => void;
  readonly document: object | undefined;
  readonly remarks: readonly Remark[];
  /** In words, while nothing is wrong. */
  readonly state: string;
  /** What a refused save said of the text as it is. */
  readonly refuse: (issues: readonly ApiIssue[]) => void;
}

/** @param validate the address of `$validate`, asked a moment after the last change; undefined where there is none */
export function useCheckedJson(initial: string, validate: string | undefined): CheckedJson {
  const t = useText();
  const [text, setText] = useState(initial);
  const [said, setSaid] = useState<Said>();
  const parsed = useMemo(() => parseDocument(text, t('editor.no-json')), [text, t]);
  const { document } = parsed;
  useEffect(() => {
    if (validate === undefined || document === undefined) return undefined;
    const ending = new AbortController();
    const ask = async (): Promise<void> => {
      try {
        const outcome = await callJson(validate, { method: 'POST', resource: document }, ending.signal);
        setSaid({ text, issues: issuesOf(outcome).filter(({ severity }) => severity !== 'information') });
      } catch (error) {
        if (ending.signal.aborted) return;
        const { issues = [], text: words } = faultOf(error);
        setSaid({
          text,
          issues: issues.length > 0 ? issues : [{ severity: 'warning', text: words, places: [] }],
        });
      }
    };
    const timer = setTimeout(() => void ask(), PAUSE_MS);
    return () => {
      clearTimeout(timer);
      ending.abort();
    };
  }, [text, document, validate]);
  const isSaid = said?.text === text;
  const remarks = parsed.fault ? [parsed.fault] : isSaid ? remarksOf(text, said.issues) : [];
  const checked = isSaid ? t('editor.valid') : t('editor.checking');
  return {
    text,
    setText,
    document,
    remarks,
    state: validate === undefined ? '' : checked,
    refuse: (issues) => setSaid({ text, issues }),
  };
}
