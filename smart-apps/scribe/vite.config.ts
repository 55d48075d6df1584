/** Builds the scribe for /apps/scribe/: its page, and the page on which an EHR launch arrives. */
import { appConfig } from '@dr-assistant/ui/vite';

export default appConfig('scribe', ['index.html', 'launch.html'], { isInstallable: true });
