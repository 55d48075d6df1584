/** The order of the test files: those that take minutes first, so that none of them is alone at the end. */
import Sequencer from '@jest/test-sequencer';

/** From the longest on. What is not named comes afterwards, as Jest knows or guesses it. */
const LONG = [
  /test\/fault\//,
  /http\/index-usage\./,
  /scripts\/test\/(fuzz|start|bench)\./,
  /test\/(end-to-end|e2e)\//,
  /package\/install-package\./,
  /http\/terminology-load\./,
  /search\/(reference|sql)-agrees\./,
  /hostile\/matrix\./,
  /conformance\//,
];

const rankOf = ({ path }) => {
  const rank = LONG.findIndex((pattern) => pattern.test(path));
  return rank < 0 ? LONG.length : rank;
};

export default class LongFirst extends Sequencer {
  async sort(tests) {
    const known = await super.sort(tests);
    return [...known].sort((a, b) => rankOf(a) - rankOf(b));
  }
}
