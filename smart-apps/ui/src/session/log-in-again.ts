/** The way back after a session has ended: the tokens go, what the user wrote stays, and the place is kept. */

/** Names in sessionStorage: the first is fhirclient's. */
const SMART_KEY = 'SMART_KEY';
const PLACE_KEY = 'place-before-log-in';

interface Place {
  readonly hash: string;
  readonly patientId?: string | undefined;
  /** The address with which the app was opened: nobody's place yet. */
  readonly isFirst?: true;
}

interface TokenState {
  readonly tokenResponse?: { readonly patient?: string };
}

/** Forgets the tokens of this tab, and logs in anew; leads back to the same place if the patient is the same. */
export function logInAgain(): void {
  const stateKey = JSON.parse(sessionStorage.getItem(SMART_KEY) ?? 'null') as string | null;
  const state = JSON.parse(sessionStorage.getItem(stateKey ?? '') ?? '{}') as TokenState;
  const place: Place = { hash: location.hash, patientId: state.tokenResponse?.patient };
  if (stateKey !== null) sessionStorage.removeItem(stateKey);
  sessionStorage.removeItem(SMART_KEY);
  sessionStorage.setItem(PLACE_KEY, JSON.stringify(place));
  location.assign(location.pathname);
}

/** Whoever opens a page's address without a session comes to it after the log-in. Called before a launch begins. */
export function keepFirstPlace(): void {
  const isLaunched = new URLSearchParams(location.search).has('state');
  if (location.hash === '' || isLaunched || sessionStorage.getItem(SMART_KEY) !== null) return;
  const place: Place = { hash: location.hash, isFirst: true };
  sessionStorage.setItem(PLACE_KEY, JSON.stringify(place));
}

/** After a log-in: a place of another patient's record is not gone to. Without a patient in context there is no other one. */
export function returnToKeptPlace(patientId: string | undefined): void {
  const kept = sessionStorage.getItem(PLACE_KEY);
  if (kept === null) return;
  sessionStorage.removeItem(PLACE_KEY);
  const place = JSON.parse(kept) as Place;
  const isOwn = place.isFirst === true || patientId === undefined || place.patientId === patientId;
  if (isOwn && place.hash !== '') location.hash = place.hash;
}
