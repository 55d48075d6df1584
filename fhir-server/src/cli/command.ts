/** A command of the command line. */
import type { Config } from '../platform/config.ts';

export interface Command {
  /** The words that name it. */
  readonly words: readonly string[];
  readonly usage: string;
  /** Undefined when the arguments are not what the command takes. */
  run(config: () => Config, args: readonly string[]): Promise<void> | undefined;
}
