/** Deletes the Tasks of moments that are done and long past, for bots that have the right to. */
import { allows, HttpFailure, tickEvent, type CronTrigger, type FhirApi } from '../../sdk/index.ts';
import type { Timetable } from './keep-timetable.ts';
import { latestTick } from './timetable.ts';
import { tickSystem, turnId } from './turn.ts';

const AT_ONCE = 100;

export const mayPrune = (scopes: readonly string[]): boolean => allows(scopes, 'd', 'Task');

/**
 * How many of those before the moment were deleted. What failed or is in progress stays, and so does the latest moment of
 * each timetable, which tells that it was kept, however rare it is. Throws HttpFailure.
 */
export async function pruneTicks(
  { api, bot, triggers, now }: Pick<Timetable, 'api' | 'bot' | 'triggers' | 'now'>,
  before: Date,
  signal: AbortSignal,
): Promise<number> {
  const latest = new Set(triggers.map((trigger) => latestId(bot.name, trigger, now())));
  const params = {
    identifier: `${tickSystem(bot.name)}|`,
    status: 'completed',
    'authored-on': `lt${before.toISOString()}`,
    _sort: 'authored-on',
    _count: String(AT_ONCE + triggers.length),
  };
  for (let count = 0; ;) {
    const found = (await api.search('Task', params)).entry ?? [];
    const old = found.flatMap(({ resource }) => resource?.id ?? []).filter((id) => !latest.has(id));
    if (old.length === 0 || signal.aborted) return count;
    await deleteAll(api, old);
    count += old.length;
  }
}

function latestId(bot: string, trigger: CronTrigger, now: Date): string | undefined {
  const at = latestTick(trigger, now);
  return at === undefined ? undefined : turnId(bot, tickEvent(at, trigger.cron));
}

async function deleteAll(api: FhirApi, ids: readonly string[]): Promise<void> {
  const entry = ids.map((id) => ({ request: { method: 'DELETE' as const, url: `Task/${id}` } }));
  const answer = await api.transaction({ resourceType: 'Bundle', type: 'batch', entry });
  for (const { response } of answer.entry ?? []) {
    const status = Number.parseInt(response?.status ?? '', 10);
    // Another process may have been first.
    if (status >= 400 && status !== 404 && status !== 410)
      throw new HttpFailure(status, `the deletion of a Task answered ${status}`);
  }
}
