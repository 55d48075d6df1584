/** Scopes in words, for the page on which a person allows them. */
import { describeScope, parseScope } from '../access/index.ts';

const STATIC: Readonly<Record<string, string>> = {
  openid: 'Know that it is you who logged in',
  fhirUser: 'Know who you are in the records',
  profile: 'Know your name',
  launch: 'Know which patient you are looking at',
  'launch/patient': 'Ask you to choose a patient',
  'launch/encounter': 'Know which visit you are looking at',
  online_access: 'Go on while you are logged in',
  'account/apps.read': 'See which apps have access, since when and to what',
  'account/apps.write': 'Take back the access of apps',
  'admin/users.read': 'See the accounts of all users',
  'admin/users.write': 'Create, change and disable accounts of users',
  'admin/clients.read': 'See which apps and services are registered',
  'admin/clients.write': 'Register, change and remove apps and services',
  'admin/policies.read': 'See what each role may do',
  'admin/policies.write': 'Change what each role may do',
  'admin/grants.read': 'See which apps act for which users',
  'admin/grants.write': 'Take back what users have allowed apps',
  'admin/access.read': 'Check what each user may do, and with how many resources',
  'admin/subscriptions.read': 'See which notifications wait or have failed',
  'admin/subscriptions.write': 'Send notifications again',
  'admin/metrics.read': 'See how the server does: requests, times, memory',
  'admin/jobs.read': 'See indexing and exports under way, and who asked for them',
  'admin/jobs.write': 'End exports',
  'admin/packages.read': 'See which packages and code systems are installed',
  'admin/packages.write': 'Install packages of profiles and terminology',
  offline_access: 'Go on when you are no longer there, until you take this back',
};

export function scopeInWords(text: string, reader: 'patient' | 'clinician'): string {
  const scope = parseScope(text);
  return scope === undefined ? (STATIC[text] ?? text) : describeScope(scope, reader);
}
