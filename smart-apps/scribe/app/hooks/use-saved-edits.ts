/** The reviewer's unsigned work, kept in this browser for this version of the note and this user until it is signed. */
import { useState } from 'react';
import type { NoteSection } from '../api/note-draft.ts';
import type { Verdict } from '../api/sign-bundle.ts';

export interface Edits {
  readonly sections: readonly NoteSection[];
  /** By id of the proposed resource. */
  readonly verdicts: Readonly<Record<string, Verdict>>;
  /** Id of the template that was chosen, '' for none; undefined: that of the visit's type. */
  readonly template?: string;
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

/** How many steps can be taken back; each holds the whole note. */
const STEPS_MAX = 100;

interface Steps {
  readonly past: readonly Edits[];
  readonly now: Edits;
  /** What was taken back, the next one first. */
  readonly future: readonly Edits[];
}

export interface SavedEdits {
  readonly edits: Edits;
  readonly change: (next: Edits) => void;
  /** Undefined when there is nothing to take back. */
  readonly undo: (() => void) | undefined;
  readonly redo: (() => void) | undefined;
  /** After signing: nothing of it stays in the browser. */
  readonly forget: () => void;
}

/** The state survives a reload; the steps that led to it do not. */
export function useSavedEdits(key: string, initial: Edits): SavedEdits {
  const [{ past, now, future }, setSteps] = useState<Steps>(() => {
    return { past: [], now: load(key, initial), future: [] };
  });
  const go = (steps: Steps): void => {
    setSteps(steps);
    localStorage.setItem(key, JSON.stringify(steps.now));
  };
  const before = past.at(-1);
  const after = future[0];
  return {
    edits: now,
    change: (next) => go({ past: [...past.slice(1 - STEPS_MAX), now], now: next, future: [] }),
    undo: before && (() => go({ past: past.slice(0, -1), now: before, future: [now, ...future] })),
    redo: after && (() => go({ past: [...past, now], now: after, future: future.slice(1) })),
    forget: () => localStorage.removeItem(key),
  };
}
