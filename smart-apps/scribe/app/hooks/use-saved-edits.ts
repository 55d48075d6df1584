/** The reviewer's unsigned work, kept in this browser for this version of the note and this user until it is signed. */
import { useCallback, useState } from 'react';
import type { NoteSection } from '../api/note-draft.ts';
import type { Verdict } from '../api/sign-bundle.ts';

export interface Edits {
  readonly sections: readonly NoteSection[];
  /** By id of the proposed resource. */
  readonly verdicts: Readonly<Record<string, Verdict>>;
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
