/** The portal's pages and where they are. */
import { hashRoutes } from '@dr-assistant/ui/layout';

export const { useRoute, pathTo } = hashRoutes({
  home: '/',
  record: '/record',
  document: '/record/:type/:id',
  appointments: '/appointments',
  book: '/appointments/new',
  move: '/appointments/move/:id',
  messages: '/messages',
  write: '/messages/new',
  thread: '/messages/thread/:id',
  forms: '/forms',
  form: '/forms/fill/:id',
  answers: '/forms/answers/:id',
  accesses: '/accesses',
  download: '/download',
  summary: '/summary',
  privacy: '/privacy',
});
