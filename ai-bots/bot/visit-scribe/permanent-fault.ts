/** A fault that another attempt would meet again; its message is shown to the clinician in the Task. */
export class PermanentFault extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PermanentFault';
  }
}
