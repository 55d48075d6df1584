/** Each place that takes the content of a stored version is listed with why nothing hidden leaves by it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const source = resolve(import.meta.dirname, '../../src');
const FOLDERS = ['interaction', 'operation', 'scheduling', 'subscription', 'http', 'bulk', 'app-state'];

const files = FOLDERS.flatMap((folder) =>
  readdirSync(join(source, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(source, folder, name)),
);

/** Lines that take `.content` of something, or the member of an object that is taken apart. */
const TAKES = /\.content\b(?!\()|\{[^{}]*\bcontent\b[^{}]*\}\s*(?:=|\)|of\b|:)/;

const taken = new Map<string, number>();
for (const file of files) {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => !/^\s*(\/\/|\/?\*)/.test(line) && TAKES.test(line));
  if (lines.length > 0) taken.set(relative(source, file), lines.length);
}

/** File, number of places, and what becomes of the content there. */
const PLACES: readonly (readonly [file: string, places: number, why: string])[] = [
  [
    'app-state/check-subject.ts',
    1,
    'stays inside because only whether the subject is there for the caller is told',
  ],
  [
    'app-state/interactions.ts',
    2,
    'disclosed by searchsetText, after the key was compared with that of the token’s app',
  ],
  ['bulk/line.ts', 1, 'disclosed by disclose before a line is shaped'],
  ['bulk/patients.ts', 2, 'stays inside because it tells only whose record a version is in'],
  ['bulk/read-step.ts', 1, 'stays inside because it tells only whose record a version is in'],
  [
    'bulk/references.ts',
    1,
    'stays inside because what is referred to is read by its own right before it is a line',
  ],
  [
    'http/binary-receive.ts',
    2,
    'disclosed by loadCurrent where labels are kept from it, and by its writer where it was just written',
  ],
  ['http/binary-send.ts', 5, 'disclosed by loadCurrent or loadVersion where it is read'],
  ['http/state-endpoint.ts', 1, 'stays inside because it is a header of the request and no version'],
  ['interaction/answer.ts', 1, 'disclosed by disclose before the writer gets it back'],
  [
    'interaction/chart-access.ts',
    2,
    'disclosed by disclose for the picker; of an Encounter only whether the Patient fits is told',
  ],
  [
    'interaction/commit-writes.ts',
    1,
    'stays inside because rules make of it writes of other resources, which are disclosed where they are read',
  ],
  ['interaction/disclose.ts', 1, 'disclosed by disclose, which is this very place'],
  ['interaction/history-bundle.ts', 1, 'disclosed by disclose before it is an entry'],
  ['interaction/include.ts', 2, 'disclosed by disclose before references are followed, and by searchsetText'],
  ['interaction/patch.ts', 1, 'disclosed by disclose before the patch can test or move it'],
  [
    'interaction/plan-version.ts',
    1,
    'stays inside because hidden elements are put back into the next version',
  ],
  [
    'interaction/read.ts',
    2,
    'disclosed by loadCurrent; of a Binary only whose it is decides whether it is read',
  ],
  ['interaction/resolve-search.ts', 1, 'disclosed by disclose before a List finds what it holds'],
  ['interaction/search-page.ts', 1, 'disclosed by searchsetText, whose entries are shaped'],
  ['interaction/searchset.ts', 1, 'disclosed by disclose as each entry is written'],
  [
    'interaction/terminology-capabilities.ts',
    1,
    'stays inside because it is CodeSystem.content of the standard and no version',
  ],
  [
    'interaction/terminology-source.ts',
    2,
    'stays inside because CodeSystem.content of the standard, and terminology within permit of read, answer codes alone',
  ],
  ['interaction/vread.ts', 2, 'disclosed by loadVersion; what is decided upon is indexed and forgotten'],
  ['operation/diff.ts', 1, 'disclosed by loadCurrent and loadVersion before the two are compared'],
  ['operation/everything.ts', 1, 'disclosed by loadCurrent, as the root of the record'],
  ['operation/export/export.ts', 1, 'disclosed by loadCurrent before the members of a Group are counted'],
  ['operation/graphql/disclose.ts', 1, 'disclosed by disclose as each resource enters a query'],
  ['operation/graphql/list-loader.ts', 1, 'disclosed by disclose before references are looked at'],
  ['operation/lastn.ts', 1, 'stays inside because codes only group what is answered by searchsetText'],
  ['operation/meta.ts', 2, 'disclosed by loadCurrent before labels are told'],
  [
    'operation/record-page.ts',
    2,
    'disclosed by referenceFinder before references are followed, and by searchsetText',
  ],
  ['operation/scheduling/book.ts', 2, 'disclosed by searchsetText'],
  ['operation/scheduling/cancel.ts', 1, 'disclosed by searchsetText'],
  [
    'operation/scheduling/lock-appointments.ts',
    3,
    'disclosed by disclose for what is written and answered; what is decided upon stays inside',
  ],
  ['operation/scheduling/offered-time.ts', 1, 'disclosed by disclose before Slots make up a time'],
  ['operation/scheduling/search-all.ts', 1, 'disclosed by disclose for whoever asks'],
  ['operation/scheduling/waitlist.ts', 1, 'disclosed by searchsetText'],
  ['operation/socket-token.ts', 1, 'disclosed by loadCurrent; only by which channel it sends decides'],
  ['operation/subscription-events.ts', 1, 'disclosed by loadCurrent; events by showEvents'],
  ['operation/subscription-status.ts', 1, 'disclosed by loadCurrent and discloseVersion'],
  [
    'operation/terminology-request.ts',
    1,
    'disclosed by loadCurrent before a CodeSystem, ValueSet or ConceptMap is used',
  ],
  ['operation/validate.ts', 1, 'disclosed by loadCurrent, and by discloseVersion for who may update it'],
  ['scheduling/appointment-rule.ts', 1, 'stays inside because a Slot is written again with another status'],
  [
    'scheduling/expire-appointments.ts',
    1,
    'stays inside because an Appointment is written again as cancelled',
  ],
  [
    'subscription/active-subscriptions.ts',
    1,
    'stays inside because Subscriptions are worked with, and their text goes to nobody',
  ],
  [
    'subscription/channel/email.ts',
    1,
    'stays inside because the mail names the version and has nothing of it',
  ],
  ['subscription/channel/rest-hook.ts', 1, 'disclosed by createDisclose, from which the notification comes'],
  ['subscription/dispatch.ts', 1, 'stays inside because it is indexed and matched with the criteria'],
  [
    'subscription/secret-store.ts',
    2,
    'stays inside because secrets are taken out of what was written with them',
  ],
  ['subscription/socket/binding.ts', 2, 'disclosed by loadCurrent; events by showEvents'],
  [
    'subscription/subscription-state.ts',
    1,
    'stays inside because the Subscription is written again with its error',
  ],
  ['subscription/may-read.ts', 2, 'disclosed by disclose with the rights of the author'],
  ['subscription/resource-version.ts', 1, 'stays inside because it is loaded for createDisclose'],
  [
    'subscription/topic/check-topic-subscription.ts',
    1,
    'stays inside because it is the content level that a Subscription asks for, and no version',
  ],
  [
    'subscription/topic/collect.ts',
    1,
    'stays inside because both sides of a change are matched, and Disclose decides whether there is an event',
  ],
  [
    'subscription/topic/make-notification.ts',
    2,
    'disclosed by showEvents, from which the events come; whether there is content tells the audit what is sent',
  ],
  [
    'subscription/topic/room.ts',
    3,
    'disclosed by showEvents before it is measured; what does not fit is taken out',
  ],
  ['subscription/topic/notification.ts', 5, 'disclosed by showEvents, from which the events come'],
  [
    'subscription/topic/show-events.ts',
    2,
    'disclosed by disclose before what is included is shown; each focus by createDiscloseTo',
  ],
  [
    'subscription/topic/topic-figures.ts',
    1,
    'stays inside because status and error of Subscriptions go to operators by the command line',
  ],
  [
    'subscription/topic/topic-store.ts',
    1,
    'stays inside because topics are worked with, and their text goes to nobody',
  ],
];

describe('Content of stored versions', () => {
  test('is taken at the listed places alone.', () => {
    expect([...taken].sort()).toEqual(PLACES.map(([file, places]) => [file, places]).sort());
  });

  test('leaves disclosed, or stays inside, each with a reason.', () => {
    expect(PLACES.filter(([, , why]) => !/^(disclosed by|stays inside because) .{10,}/.test(why))).toEqual(
      [],
    );
  });
});
