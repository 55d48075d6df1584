/** The demo accounts and clients: what the authorization server is given, and what .data/demo.json tells scripts. */
import { join } from 'node:path';
import type { StartOptions } from './options.ts';
import { demoUserNames, publicKey, writePrivate, type DemoUserName, type Secrets } from './secrets.ts';

const fhirUsers: Readonly<Record<DemoUserName, string>> = {
  admin: 'Practitioner/demo-admin',
  doctor: 'Practitioner/demo-doctor',
  nurse: 'Practitioner/demo-nurse',
  receptionist: 'Practitioner/demo-receptionist',
  patient: 'Patient/demo-patient',
};

const userScopes =
  'openid fhirUser profile offline_access online_access launch launch/patient launch/encounter';

/** What `visit-scribe` reads and writes, and nothing else. */
const scribeBotScopes = [
  'system/Patient.r',
  'system/Practitioner.r',
  'system/RelatedPerson.s',
  'system/Media.rs',
  'system/Binary.r',
  'system/DocumentReference.crus',
  'system/Composition.crus',
  'system/Condition.crus',
  'system/MedicationStatement.crus',
  'system/FamilyMemberHistory.crus',
  'system/Observation.crus',
  'system/Provenance.crus',
  'system/Device.crus',
  'system/Task.crus',
  'system/Subscription.crus',
].join(' ');

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
        clientId: 'visit-scribe',
        name: 'Visit scribe bot',
        jwks: { keys: [publicKey(secrets.visitScribe.privateKey)] },
        scope: scribeBotScopes,
      },
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
    urls: { scribe: `${baseUrl}/apps/scribe/`, ehr: `${baseUrl}/apps/ehr/` },
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
