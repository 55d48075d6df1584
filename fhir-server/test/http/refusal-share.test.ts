/** How much is refused when a queue is behind. */
import { describe, expect, test } from '@jest/globals';
import { QueueDelay } from '../../src/http/queue-delay.ts';
import { RefusalShare } from '../../src/http/refusal-share.ts';

const TICK_MS = 50;
const TARGET_MS = 100;

/** Ticks of a queue that does `perTick` and gets `arrivals`, of which the share is refused; answers the delay at each. */
function run(
  share: RefusalShare,
  { arrivals, perTick, ticks }: { arrivals: number; perTick: number; ticks: number },
) {
  const delays: number[] = [];
  let waiting = 0;
  for (let i = 0; i < ticks; i += 1) {
    waiting = Math.max(0, waiting + arrivals * (1 - share.share) - perTick);
    const delayMs = (waiting / perTick) * TICK_MS;
    share.update(delayMs, TICK_MS);
    delays.push(delayMs);
  }
  return delays;
}

describe('The share of new work that is refused', () => {
  test('is none while the queue keeps up, and for one pause, however long.', () => {
    const share = new RefusalShare(TARGET_MS);
    run(share, { arrivals: 90, perTick: 100, ticks: 200 });
    expect(share.share).toBe(0);
    share.update(3_400, 3_450);
    expect(share.share).toBe(0);
    run(share, { arrivals: 90, perTick: 100, ticks: 20 });
    expect(share.share).toBe(0);
  });

  test.each([1.3, 2, 5, 20])('at %d times what can be done becomes what is too much, with a delay about the target.', (times) => {
    const share = new RefusalShare(TARGET_MS);
    const delays = run(share, { arrivals: 100 * times, perTick: 100, ticks: 2_000 }).slice(1_000);
    const mean = delays.reduce((sum, delay) => sum + delay, 0) / delays.length;
    expect(share.share).toBeGreaterThan((1 - 1 / times) * 0.8);
    expect(share.share).toBeLessThan(1);
    expect(mean).toBeGreaterThan(TARGET_MS / 4);
    expect(mean).toBeLessThan(TARGET_MS * 2);
  }); // prettier-ignore

  test('falls to none within seconds when the rush is over.', () => {
    const share = new RefusalShare(TARGET_MS);
    run(share, { arrivals: 500, perTick: 100, ticks: 400 });
    expect(share.share).toBeGreaterThan(0.6);
    run(share, { arrivals: 20, perTick: 100, ticks: 100 });
    expect(share.share).toBe(0);
  });
});

describe('The delay of a queue', () => {
  test('is its length over the rate at which it is left, at once when it grows.', () => {
    const counts = { waiting: 10, left: 0 };
    const queue = new QueueDelay(() => counts);
    for (let i = 0; i < 50; i += 1) {
      counts.left += 5;
      queue.measure(TICK_MS);
    }
    expect(queue.delayMs).toBeCloseTo(100);
    counts.waiting = 40;
    expect(queue.delayMs).toBeCloseTo(400);
    counts.waiting = 0;
    expect(queue.delayMs).toBe(0);
  });

  test('is not known of a queue that is new, and is at least as long as nobody has left it.', () => {
    const counts = { waiting: 0, left: 7 };
    const queue = new QueueDelay(() => counts);
    queue.measure(TICK_MS);
    counts.waiting = 300;
    expect(queue.delayMs).toBe(0);
    for (let i = 0; i < 20; i += 1) queue.measure(TICK_MS);
    expect(queue.delayMs).toBe(20 * TICK_MS);
  });
});
