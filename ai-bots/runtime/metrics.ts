/** What the process counts, for `/metrics`. Labels are names of bots, types and outcomes, never ids. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export const registry = new Registry();
collectDefaultMetrics({ register: registry });

export const events = new Counter({
  name: 'bot_events_total',
  help: 'Events that bots were woken by, with what became of them: done, recorded, ignored, failed, again',
  labelNames: ['bot', 'kind', 'outcome'] as const,
  registers: [registry],
});

export const eventSeconds = new Histogram({
  name: 'bot_event_seconds',
  help: 'Time from the arrival of an event to the end of its work',
  labelNames: ['bot', 'kind'] as const,
  buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800],
  registers: [registry],
});

export const ready = new Gauge({
  name: 'bot_ready',
  help: '1 when the bot has a token and its Subscriptions are in place',
  labelNames: ['bot'] as const,
  registers: [registry],
});

export const lastTick = new Gauge({
  name: 'bot_last_tick_timestamp_seconds',
  help: 'The last moment of its timetable whose work this process finished',
  labelNames: ['bot'] as const,
  registers: [registry],
});
