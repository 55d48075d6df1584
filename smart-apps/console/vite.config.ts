/** Builds the console for /apps/console/. */
import { appConfig } from '@dr-assistant/ui/vite';

export default appConfig('console');
