/**
 * The review by keyboard. Arrows lead from item to item, and a letter presses the button of the item that names it in
 * `aria-keyshortcuts`. Letters count within an item alone, so that no dictated word presses one (WCAG 2.2, 2.1.4).
 */
import { useEffect } from 'react';

interface ReviewActions {
  /** Undefined where there is nothing to do. */
  readonly undo: (() => void) | undefined;
  readonly redo: (() => void) | undefined;
  readonly sign: (() => void) | undefined;
  /** Plays what the item came from. */
  readonly play: (() => void) | undefined;
}

/** Marks what belongs together: a sentence or a proposal, with its buttons. */
export const ITEM = { 'data-item': true } as const;
/** Marks what is focused of an item. */
export const STOP = { 'data-stop': true } as const;

/** Whoever presses a button by mouse is not led elsewhere by its focus: the press would miss what moves below it. */
export const isByKeyboard = (focused: Element | null): boolean => focused?.matches(':focus-visible') === true;

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 };
/** After these, the next item is what to look at. */
const DECISIONS = new Set(['a', 'r']);

const isWriting = (target: Element): boolean =>
  target.matches('input, textarea, select, [contenteditable="true"]');

/** Focuses the stop of the item that many items further; false at an end. */
export function goByItems(item: Element | null, step: number): boolean {
  const items = [...document.querySelectorAll('[data-item]')];
  const next = items[item === null ? 0 : items.indexOf(item) + step];
  next?.querySelector<HTMLElement>('[data-stop]')?.focus();
  return next !== undefined;
}

function commandOf(event: KeyboardEvent, actions: ReviewActions): (() => void) | undefined {
  if (!event.ctrlKey && !event.metaKey) return undefined;
  if (event.key === 'Enter') return actions.sign;
  if (event.target instanceof Element && isWriting(event.target)) return undefined;
  const key = event.key.toLowerCase();
  if (key === 'z') return event.shiftKey ? actions.redo : actions.undo;
  return key === 'y' ? actions.redo : undefined;
}

function letterOf(event: KeyboardEvent, actions: ReviewActions): (() => void) | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey || !(event.target instanceof Element)) return undefined;
  const item = event.target.closest('[data-item]');
  if (item === null || isWriting(event.target)) return undefined;
  const step = STEPS[event.key];
  if (step !== undefined) return () => goByItems(item, step);
  const key = event.key.toLowerCase();
  if (key === 'p') return actions.play;
  const button = item.querySelector<HTMLElement>(`[aria-keyshortcuts="${CSS.escape(key)}"]`);
  if (button === null) return undefined;
  return () => {
    button.click();
    if (DECISIONS.has(key)) goByItems(item, 1);
  };
}

/** @param isOn false while a dialog asks something */
export function useReviewKeys(isOn: boolean, actions: ReviewActions): void {
  useEffect(() => {
    if (!isOn) return undefined;
    const onKeyDown = (event: KeyboardEvent): void => {
      const deed = commandOf(event, actions) ?? letterOf(event, actions);
      if (deed === undefined) return;
      event.preventDefault();
      deed();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  });
}
