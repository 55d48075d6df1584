/** Where the user is, kept in the URL's hash so that a reload leads back. */
import { useSyncExternalStore } from 'react';

export type Route =
  | { readonly page: 'visits' }
  | { readonly page: 'new' }
  | { readonly page: 'visit'; readonly mediaId: string };

const subscribe = (changed: () => void): (() => void) => {
  addEventListener('hashchange', changed);
  return () => removeEventListener('hashchange', changed);
};

export function useRoute(): Route {
  const hash = useSyncExternalStore(subscribe, () => location.hash);
  const mediaId = /^#\/visit\/([A-Za-z0-9\-.]{1,64})$/.exec(hash)?.[1];
  if (mediaId !== undefined) return { page: 'visit', mediaId };
  return { page: hash === '#/new' ? 'new' : 'visits' };
}

export const visitPath = (mediaId: string): string => `#/visit/${mediaId}`;

export function goTo(path: string): void {
  location.hash = path;
}
