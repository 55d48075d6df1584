/** A patient who is gone is told from one who cannot be read just now. */
import { expect, test } from '@jest/globals';
import { loadChart } from '../../bot/chart-summary/chart.ts';
import chartSummary from '../../bot/chart-summary/handler.ts';
import type { FhirApi } from '../../sdk/index.ts';
import { createMemoryFhir } from '../../sdk/testing/memory-fhir.ts';

/** A server that answers the read of the patient with this status. */
function answering(status: string): FhirApi {
  const api = createMemoryFhir(() => new Date()).api(chartSummary.scopes);
  return {
    ...api,
    async transaction(bundle) {
      const answer = await api.transaction(bundle);
      return { ...answer, entry: [{ response: { status } }, ...(answer.entry ?? []).slice(1)] };
    },
  };
}

test.each(['404', '410'])('A patient who is answered with %s does not exist.', async (status) => {
  expect(await loadChart(answering(status), 'Patient/p')).toBeUndefined();
});

test.each(['403', '429', '503'])('A patient who is answered with %s is a fault.', async (status) => {
  await expect(loadChart(answering(status), 'Patient/p')).rejects.toMatchObject({ status: Number(status) });
});
