/** A fault that another attempt would meet again; its message is shown in the Task and must be fit for that. */
export class PermanentFault extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PermanentFault';
  }
}
