/** How Appointments are held and found. */
import { IANAZone } from 'luxon';
import type { SettingReader } from './account-config.ts';

export interface SchedulingConfig {
  /** How long `$hold` keeps a Slot. */
  readonly holdMs: number;
  /** How often a worker gives back what was held for too long. */
  readonly releaseEveryMs: number;
  /** Times that one patient may have on hold at once. */
  readonly holdsMax: number;
  /** Appointments for which one patient may be on the waitlist. */
  readonly waitlistMax: number;
  /** Name of the IANA zone in which times without one are meant. */
  readonly timeZone: string;
  /** Schedules that one `$find` looks at. */
  readonly schedulesMax: number;
}

/** Adds to `faults` what is wrong. */
export function loadSchedulingConfig(
  env: NodeJS.ProcessEnv,
  { whole, faults }: Pick<SettingReader, 'whole' | 'faults'>,
): SchedulingConfig {
  const timeZone = env['SCHEDULING_TIME_ZONE'] ?? 'UTC';
  if (!IANAZone.isValidZone(timeZone))
    faults.push('SCHEDULING_TIME_ZONE must be a time zone, such as Europe/Vienna');
  return {
    holdMs: whole('SCHEDULING_HOLD_MINUTES', 10, 1, 1_440) * 60_000,
    releaseEveryMs: whole('SCHEDULING_RELEASE_MS', 15_000, 100, 3_600_000),
    holdsMax: whole('SCHEDULING_HOLDS_MAX', 5, 1, 1_000),
    waitlistMax: whole('SCHEDULING_WAITLIST_MAX', 5, 1, 1_000),
    timeZone,
    schedulesMax: whole('SCHEDULING_SCHEDULES_MAX', 200, 1, 10_000),
  };
}
