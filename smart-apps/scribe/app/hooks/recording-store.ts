/** A recording's pieces in IndexedDB, so that a reload or a crash of the page loses nothing. */

const DATABASE = 'scribe-recording';
const STORE = 'pieces';

const open = (): Promise<IDBDatabase> =>
  new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { autoIncrement: true });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(new Error('The browser does not let the recording be kept.'));
  });

async function run<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await open();
  try {
    return await new Promise<T>((resolve, reject) => {
      const request = work(database.transaction(STORE, mode).objectStore(STORE));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(new Error('The recording could not be kept.'));
    });
  } finally {
    database.close();
  }
}

interface Piece {
  readonly patientId: string;
  readonly data: Blob;
}

export async function keepPiece(patientId: string, data: Blob): Promise<void> {
  await run('readwrite', (store) => store.add({ patientId, data } satisfies Piece));
}

/** What was recorded for this patient and not sent yet; undefined when there is nothing. */
export async function keptRecording(patientId: string): Promise<Blob | undefined> {
  const pieces = (await run('readonly', (store) => store.getAll())) as Piece[];
  const own = pieces.filter((p) => p.patientId === patientId).map((p) => p.data);
  return own.length === 0 ? undefined : new Blob(own, { type: own[0]?.type ?? '' });
}

export async function forgetRecording(): Promise<void> {
  await run('readwrite', (store) => store.clear());
}
