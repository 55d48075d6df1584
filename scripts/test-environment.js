/** Jest's environment for Node, with a way out of it to the modules that Node keeps for all test files of a process. */
import { createRequire } from 'node:module';
import { TestEnvironment } from 'jest-environment-node';

export default class extends TestEnvironment {
  async setup() {
    await super.setup();
    // What scripts/test-load-once.js makes of a module calls it.
    this.global.loadOnce = createRequire(import.meta.url);
  }
}
