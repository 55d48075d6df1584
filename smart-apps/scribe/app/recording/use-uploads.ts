/** The kept recordings of this session's user, for whoever shows or adds one. */
import { createContext, use, useEffect, useEffectEvent, useSyncExternalStore } from 'react';
import { Uploads, type UploadState } from './uploads.ts';

export const UploadsContext = createContext(new Uploads(''));

export function useUploads(): UploadState & { readonly uploads: Uploads } {
  const uploads = use(UploadsContext);
  const state = useSyncExternalStore(uploads.subscribe, uploads.state);
  return { ...state, uploads };
}

/** Loads a list again when a recording was uploaded in the background. */
export function useReloadAfterUpload(reload: () => unknown): void {
  const { sent } = useUploads();
  const count = Object.keys(sent).length;
  const onUpload = useEffectEvent(reload);
  useEffect(() => {
    if (count > 0) onUpload();
  }, [count]);
}
