/** Builds the EHR page for /apps/ehr/. */
import { appConfig } from '@dr-assistant/ui/vite';

export default appConfig('ehr');
