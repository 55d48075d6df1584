/** The demo accounts and clients: what the authorization server is given, and what .data/demo.json tells scripts. */
import { join } from 'node:path';
import { ADMIN_SCOPES } from '../../fhir-server/src/auth/admin-scope.ts';
import type { StartOptions } from './options.ts';
import {
  botKeys,
  demoUserNames,
  publicKey,
  writePrivate,
  type DemoUserName,
  type Secrets,
} from './secrets.ts';

const fhirUsers: Readonly<Record<DemoUserName, string>> = {
  admin: 'Practitioner/demo-admin',
  doctor: 'Practitioner/demo-doctor',
  nurse: 'Practitioner/demo-nurse',
  receptionist: 'Practitioner/demo-receptionist',
  patient: 'Patient/demo-patient',
};

const userScopes =
  'openid fhirUser profile offline_access online_access launch launch/patient launch/encounter';

/** Those of smart-apps/portal/app/smart-client.ts: the own record, and what its patient writes. */
const portalScopes =
  'openid fhirUser online_access launch/patient account/apps.read account/apps.write patient/*.rs patient/Appointment.cu patient/Communication.c patient/QuestionnaireResponse.cu';

/** The document for `cli.ts provision`: users with their passwords, clients with their keys. */
export function provisionDocument(options: StartOptions, secrets: Secrets): object {
  const { baseUrl } = options;
  return {
    users: demoUserNames.map((username) => ({
      username,
      password: secrets.passwords[username],
      role: username,
      fhirUser: fhirUsers[username],
      ...(username === 'patient' ? {} : { organization: 'Organization/demo-clinic' }),
    })),
    clients: [
      {
        clientId: 'scribe',
        name: 'Scribe',
        redirectUris: [`${baseUrl}/apps/scribe/`],
        launchUris: [`${baseUrl}/apps/scribe/launch.html`],
        skipConsent: true,
        scope: `${userScopes} user/*.cruds patient/*.cruds`,
      },
      {
        clientId: 'ehr',
        name: 'EHR',
        redirectUris: [`${baseUrl}/apps/ehr/`],
        mayLaunch: true,
        skipConsent: true,
        scope: `${userScopes} user/*.cruds`,
      },
      {
        clientId: 'portal',
        name: 'Patient portal',
        redirectUris: [`${baseUrl}/apps/portal/`],
        skipConsent: true,
        scope: portalScopes,
      },
      {
        clientId: 'console',
        name: 'Console',
        redirectUris: [`${baseUrl}/apps/console/`],
        skipConsent: true,
        scope: `${userScopes} user/*.cruds ${ADMIN_SCOPES.join(' ')}`,
      },
      ...botKeys(secrets).map(({ bot: { scopes, ...client }, privateKey }) => ({
        ...client,
        jwks: { keys: [publicKey(privateKey)] },
        scope: scopes.join(' '),
      })),
      {
        clientId: 'demo-backend',
        name: 'Demo backend',
        secret: secrets.demoBackend.secret,
        jwks: { keys: [publicKey(secrets.demoBackend.privateKey)] },
        scope: 'system/*.cruds',
      },
    ],
  };
}

/** What scripts and curl users need to know, kept in .data/demo.json (mode 0600). */
export function demoFile(options: StartOptions, secrets: Secrets) {
  const { baseUrl } = options;
  return {
    fhirBase: `${baseUrl}/fhir/R4`,
    issuer: `${baseUrl}/oauth2`,
    tokenEndpoint: `${baseUrl}/oauth2/token`,
    urls: {
      scribe: `${baseUrl}/apps/scribe/`,
      ehr: `${baseUrl}/apps/ehr/`,
      portal: `${baseUrl}/apps/portal/`,
      console: `${baseUrl}/apps/console/`,
    },
    users: demoUserNames.map((username) => ({
      username,
      password: secrets.passwords[username],
      role: username,
      fhirUser: fhirUsers[username],
    })),
    backend: {
      clientId: 'demo-backend',
      clientSecret: secrets.demoBackend.secret,
      privateKey: secrets.demoBackend.privateKey,
    },
  };
}

export type DemoFile = ReturnType<typeof demoFile>;

export function writeDemoFile(options: StartOptions, demo: DemoFile): void {
  writePrivate(join(options.dataDir, 'demo.json'), demo);
}
