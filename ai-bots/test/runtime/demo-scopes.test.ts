/** The clients of the demo have the scopes that their bots declare, and no others. */
import { expect, test } from '@jest/globals';
import { botClients } from '../../../scripts/start/bot-clients.ts';
import appointmentReminder from '../../bot/appointment-reminder/handler.ts';
import chartSummary from '../../bot/chart-summary/handler.ts';
import timetable from '../../bot/timetable/handler.ts';
import visitScribe from '../../bot/visit-scribe/handler.ts';
import waitlist from '../../bot/waitlist/handler.ts';

test.each([visitScribe, appointmentReminder, chartSummary, timetable, waitlist])(
  'The client of $name has the scopes of the bot.',
  ({ name, scopes }) => {
    const client = botClients.find(({ clientId }) => clientId === name);
    expect(client?.scopes.toSorted()).toEqual(scopes.toSorted());
  },
);
