/** Recordings that are not sent yet, in IndexedDB: each piece is on disk before the next one is spoken. */

const DATABASE = 'scribe-recording';
const RECORDINGS = 'recordings';
const PIECES = 'pieces';
/** 1 kept pieces without whose and when. */
const VERSION = 2;

export interface KeptRecording {
  /** UUID; identifies the Media too, so that sending twice makes one. */
  readonly id: string;
  /** Who recorded: `Practitioner/1`. Nobody else sees it. */
  readonly owner: string;
  readonly patientId: string;
  readonly encounterId?: string;
  /** Of the Consent under which it was made. */
  readonly consentId: string;
  /** Instant. */
  readonly startedAt: string;
  readonly contentType: string;
  readonly seconds: number;
  readonly isFinished: boolean;
  /** Of the Binary, once the server has acknowledged the sound. */
  readonly binaryId?: string;
}

const open = (): Promise<IDBDatabase> =>
  new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, VERSION);
    request.onupgradeneeded = () => {
      const database = request.result;
      for (const name of database.objectStoreNames) database.deleteObjectStore(name);
      database.createObjectStore(RECORDINGS, { keyPath: 'id' });
      database.createObjectStore(PIECES, { keyPath: ['recording', 'n'] });
    };
    request.onsuccess = () => {
      // Another tab may bring a newer version.
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = () => reject(new Error('The browser does not let the recording be kept.'));
  });

interface Stores {
  readonly recordings: IDBObjectStore;
  readonly pieces: IDBObjectStore;
}

/** Completes when it is on disk. `work` may go on in the callbacks of its requests. */
async function run<T>(mode: IDBTransactionMode, work: (stores: Stores) => IDBRequest<T>): Promise<T> {
  const database = await open();
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = database.transaction([RECORDINGS, PIECES], mode, { durability: 'strict' });
      const request = work({
        recordings: transaction.objectStore(RECORDINGS),
        pieces: transaction.objectStore(PIECES),
      });
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(new Error('The recording could not be kept.'));
    });
  } finally {
    database.close();
  }
}

const piecesOf = (id: string): IDBKeyRange => IDBKeyRange.bound([id, 0], [id, Infinity]);

interface Piece {
  readonly recording: string;
  readonly n: number;
  readonly data: Blob;
}

export const keepRecording = (recording: KeptRecording): Promise<unknown> =>
  run('readwrite', ({ recordings }) => recordings.put(recording));

/** Nothing for one that was discarded meanwhile: what a last write brings must not bring it back. */
const changeKept = (recording: KeptRecording, change: (stores: Stores) => void): Promise<unknown> =>
  run('readwrite', (stores) => {
    const known = stores.recordings.getKey(recording.id);
    known.onsuccess = () => {
      if (known.result === undefined) return;
      stores.recordings.put(recording);
      change(stores);
    };
    return known;
  });

export const changeRecording = (recording: KeptRecording): Promise<unknown> =>
  changeKept(recording, () => undefined);

/** The piece and how long the recording is with it. */
export const keepPiece = (recording: KeptRecording, n: number, data: Blob): Promise<unknown> =>
  changeKept(recording, ({ pieces }) => {
    pieces.put({ recording: recording.id, n, data } satisfies Piece);
  });

/** What this user recorded and the server has not got, the oldest first. */
export async function keptRecordings(owner: string): Promise<KeptRecording[]> {
  const all = (await run('readonly', ({ recordings }) => recordings.getAll())) as KeptRecording[];
  return all
    .filter((r) => r.owner === owner)
    .toSorted((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt));
}

export async function audioOf({ id, contentType }: KeptRecording): Promise<Blob> {
  const pieces = (await run('readonly', (stores) => stores.pieces.getAll(piecesOf(id)))) as Piece[];
  return new Blob(
    pieces.map((p) => p.data),
    { type: contentType },
  );
}

export const forgetRecording = (id: string): Promise<unknown> =>
  run('readwrite', ({ recordings, pieces }) => {
    pieces.delete(piecesOf(id));
    return recordings.delete(id);
  });

/** A recording that was made elsewhere, whole. */
export async function keepFile(
  file: File,
  made: Pick<KeptRecording, 'owner' | 'patientId' | 'encounterId' | 'consentId'>,
): Promise<KeptRecording> {
  const recording: KeptRecording = {
    ...made,
    id: crypto.randomUUID(),
    startedAt: new Date(file.lastModified).toISOString(),
    contentType: file.type === '' ? 'audio/wav' : file.type,
    seconds: 0,
    isFinished: true,
  };
  await keepRecording(recording);
  await keepPiece(recording, 0, file);
  return recording;
}
