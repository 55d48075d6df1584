/** The reviewer's unsigned work, kept in this browser for this version of the note and this user until it is signed. */
import { useCallback, useState } from 'react';
import type { NoteSection } from '../api/note-draft.ts';
import type { Verdict } from '../api/sign-bundle.ts';

export interface Edits {
  readonly sections: readonly NoteSection[];
  /** By id of the proposed resource. */
  readonly verdicts: Readonly<Record<string, Verdict>>;
}

const PREFIX = 'review ';

/** @param note `1/2`: id and version; @param user `Practitioner/1` */
export const editsKey = (note: string, user: string): string => `${PREFIX}${note} ${user}`;

const keysOf = (user: string): string[] =>
  Object.keys(localStorage).filter((key) => key.startsWith(PREFIX) && key.endsWith(` ${user}`));

export const hasEdits = (user: string): boolean => keysOf(user).length > 0;

export function forgetEdits(user: string): void {
  for (const key of keysOf(user)) localStorage.removeItem(key);
}

function load(key: string, initial: Edits): Edits {
  try {
    const kept = localStorage.getItem(key);
    return kept === null ? initial : (JSON.parse(kept) as Edits);
  } catch {
    return initial;
  }
}

export function useSavedEdits(key: string, initial: Edits) {
  const [edits, setEdits] = useState(() => load(key, initial));
  const change = useCallback(
    (next: Edits) => {
      setEdits(next);
      localStorage.setItem(key, JSON.stringify(next));
    },
    [key],
  );
  const forget = useCallback(() => localStorage.removeItem(key), [key]);
  return { edits, change, forget };
}
