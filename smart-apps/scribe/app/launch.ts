/** Where an EHR launch arrives: asks the EHR's authorization server for access to the patient in context. */
import FHIR from 'fhirclient';
import { CLIENT_ID, LAUNCH_SCOPE } from './smart-client.ts';

sessionStorage.clear();
FHIR.oauth2
  .authorize({
    clientId: CLIENT_ID,
    scope: LAUNCH_SCOPE,
    redirectUri: new URL('./', location.href).href,
  })
  .catch((error: unknown) => {
    const status = document.getElementById('status');
    if (status) status.textContent = error instanceof Error ? error.message : 'The launch failed.';
  });
