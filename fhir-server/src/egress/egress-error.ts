/** What is told of a call that was not made or did not succeed: the same words whatever the network looks like. */

/** `refused`: by the text of the URL alone. `failed`: by its host's addresses, on the way, or by what was answered. */
export type EgressCode = 'refused' | 'failed' | 'too-large';

const REFUSED =
  'the address must be an http or https URL without credentials, and not on a loopback or private address, which this server does not call';
const FAILED = 'the address could not be reached, or did not answer as it should';

/** `message` may be told to clients; `detail` is for the operator and the log. */
export class EgressError extends Error {
  readonly code: EgressCode;
  readonly detail: string;

  constructor(code: EgressCode, detail: string) {
    super(code === 'refused' ? REFUSED : FAILED);
    this.name = 'EgressError';
    this.code = code;
    this.detail = detail;
  }
}
