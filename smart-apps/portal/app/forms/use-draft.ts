/** Keeps a form on the server while it is filled in: some moments after each change, and when the page is left. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { QuestionnaireResponse } from '@medplum/fhirtypes';
import { faultOf } from '@dr-assistant/ui/session';
import { useSaveResponseMutation } from '../api/forms.ts';
import { withoutEmpty, type Items } from './tree.ts';

const PAUSE_MS = 1_500;

export type DraftState = 'unchanged' | 'waiting' | 'saved';

/** @param first a kept draft, or a new response without an id */
export function useDraft(first: QuestionnaireResponse) {
  const [save] = useSaveResponseMutation();
  const [state, setState] = useState<DraftState>('unchanged');
  const [fault, setFault] = useState<unknown>();
  /** What the server has: each save needs the version of the one before. */
  const kept = useRef(first);
  const line = useRef<Promise<unknown>>(Promise.resolve());
  const waiting = useRef<{ items: Items; timer: ReturnType<typeof setTimeout> }>(undefined);

  const write = useCallback(
    (items: Items, status: QuestionnaireResponse['status']): Promise<QuestionnaireResponse | undefined> => {
      const work = line.current.then(async () => {
        const { item: _former, ...rest } = kept.current;
        const item = withoutEmpty(items);
        const authored = new Date().toISOString();
        const answer = await save({ ...rest, status, authored, ...(item.length > 0 && { item }) });
        if (answer.data === undefined) {
          setFault(answer.error ?? faultOf(undefined));
          return undefined;
        }
        kept.current = answer.data;
        setFault(undefined);
        if (waiting.current === undefined) setState('saved');
        return answer.data;
      });
      line.current = work;
      return work;
    },
    [save],
  );
  const stopWaiting = useCallback((): Items | undefined => {
    clearTimeout(waiting.current?.timer);
    const items = waiting.current?.items;
    waiting.current = undefined;
    return items;
  }, []);
  const keep = useCallback(
    (items: Items) => {
      stopWaiting();
      setState('waiting');
      const timer = setTimeout(() => {
        waiting.current = undefined;
        void write(items, 'in-progress');
      }, PAUSE_MS);
      waiting.current = { items, timer };
    },
    [stopWaiting, write],
  );
  const complete = useCallback(
    (items: Items) => {
      stopWaiting();
      return write(items, 'completed');
    },
    [stopWaiting, write],
  );
  useEffect(
    () => () => {
      const items = stopWaiting();
      if (items !== undefined) void write(items, 'in-progress');
    },
    [stopWaiting, write],
  );
  return { state, fault, keep, complete };
}
