/** Text that survives a reload of the page, in this tab only, until it is cleared. */
import { useCallback, useState } from 'react';

export function useSessionText(key: string, initial: string): readonly [string, (text: string) => void] {
  const [text, setText] = useState(() => sessionStorage.getItem(key) ?? initial);
  const change = useCallback(
    (next: string) => {
      setText(next);
      if (next === '') sessionStorage.removeItem(key);
      else sessionStorage.setItem(key, next);
    },
    [key],
  );
  return [text, change];
}
