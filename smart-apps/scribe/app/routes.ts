/** The scribe's pages and where they are. */
import { hashRoutes } from '@dr-assistant/ui/layout';

export const { useRoute, pathTo } = hashRoutes({ visits: '/', new: '/new', visit: '/visit/:mediaId' });
