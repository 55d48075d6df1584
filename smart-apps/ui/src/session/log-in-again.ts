/** The way back after a session has ended: the tokens go, what the user wrote stays, and the place is kept. */

/** Names in sessionStorage: the first is fhirclient's. */
const SMART_KEY = 'SMART_KEY';
const PLACE_KEY = 'place-before-log-in';

interface Place {
  readonly hash: string;
  readonly patientId: string | undefined;
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

/** After a log-in: a place of another patient's record is not gone to. Without a patient in context there is no other one. */
export function returnToKeptPlace(patientId: string | undefined): void {
  const kept = sessionStorage.getItem(PLACE_KEY);
  if (kept === null) return;
  sessionStorage.removeItem(PLACE_KEY);
  const place = JSON.parse(kept) as Place;
  if ((patientId === undefined || place.patientId === patientId) && place.hash !== '')
    location.hash = place.hash;
}
