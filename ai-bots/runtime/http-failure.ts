/** A refusal by the FHIR or authorization server, and which faults are worth another attempt. */
export class HttpFailure extends Error {
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HttpFailure';
    this.status = status;
  }
}

/** Too many requests, trouble on the server's side, no network or no answer in time. */
export function isTransient(error: unknown): boolean {
  if (error instanceof HttpFailure) return error.status === 429 || error.status >= 500;
  if (!(error instanceof Error)) return false;
  // `fetch` reports every network fault as a TypeError with a cause.
  return (error instanceof TypeError && error.cause !== undefined) || error.name === 'TimeoutError';
}
