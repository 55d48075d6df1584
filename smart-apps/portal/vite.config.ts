/** Builds the portal for /apps/portal/. */
import { appConfig } from '@dr-assistant/ui/vite';

export default appConfig('portal', ['index.html'], { isInstallable: true });
