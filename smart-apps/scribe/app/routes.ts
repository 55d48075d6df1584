/** The scribe's pages and where they are. */
import { hashRoutes } from '@dr-assistant/ui/layout';

export const { useRoute, pathTo } = hashRoutes({
  /** The chart of the patient in context, otherwise the day's list. */
  home: '/',
  chart: '/patient/:patientId',
  new: '/patient/:patientId/new',
  visit: '/patient/:patientId/visit/:mediaId',
});
