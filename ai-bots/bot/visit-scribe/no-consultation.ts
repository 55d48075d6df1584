/** What was recorded is no visit: nothing is drafted from it, and the Task says why. */
export class NoConsultation extends Error {
  /** @param reason the end of a sentence, e.g. "hardly a word was said" */
  constructor(reason: string) {
    super(`This does not sound like a consultation: ${reason}.`);
    this.name = 'NoConsultation';
  }
}
