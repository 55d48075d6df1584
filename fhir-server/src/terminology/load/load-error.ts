/** A release that cannot be loaded, and why; the text is fit for the operator. */
export class LoadError extends Error {
  /** With the place of the fault, where there is one. */
  static at(file: string, line: number, message: string): LoadError {
    return new LoadError(`${file}, line ${line}: ${message}`);
  }
}
