/** Where an EHR launch arrives: asks the EHR's authorization server for access to the patient in context. */
import { startLaunch } from '@dr-assistant/ui/start-launch';
import { CLIENT_ID, LAUNCH_SCOPE } from './smart-client.ts';

await startLaunch({ clientId: CLIENT_ID, scope: LAUNCH_SCOPE });
