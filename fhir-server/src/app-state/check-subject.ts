/** Whether the user may have state of a subject: of himself, or of a patient whose Patient resource he may read. https://hl7.org/fhir/smart-app-launch/STU2.2/app-state.html#security-and-access-controls */
import type { Person, PractitionerRole } from '@medplum/fhirtypes';
import type { Principal } from '../access/index.ts';
import { FhirError, forbidden } from '../fhir/outcome.ts';
import { loadCurrent, type Request } from '../interaction/index.ts';

const refused = () => forbidden('The user has no right to the state of this subject');

/** Throws 403, in the same words for a subject that is hidden and for one that is not there. */
export async function checkSubject(request: Request, subject: string): Promise<void> {
  const { fhirUser } = request.principal;
  if (subject === fhirUser) return;
  const [type = '', id = ''] = subject.split('/');
  if (type !== 'Patient' && (fhirUser === undefined || !Object.hasOwn(BELONGS_TO, type))) throw refused();
  const content = await load({ ...request, principal: reader(request.principal, type) }, type, id);
  const belongs = BELONGS_TO[type];
  if (belongs && !belongs(JSON.parse(content) as never).includes(fhirUser)) throw refused();
}

/** Of a person, in another role. */
const BELONGS_TO: Readonly<Record<string, (resource: never) => readonly (string | undefined)[]>> = {
  PractitionerRole: ({ practitioner }: PractitionerRole) => [practitioner?.reference],
  Person: ({ link = [] }: Person) => link.map(({ target }) => target.reference),
};

/** What the token's scopes for state say of a patient, they say of his Patient resource too; the rest is the user's rights. */
function reader({ appState: _none, ...principal }: Principal, resourceType: string): Principal {
  const scopes = principal.scopes
    .filter((scope) => scope.resourceType === 'Basic' || scope.resourceType === '*')
    .map((scope) => ({ ...scope, resourceType, letters: 'r', params: [] }));
  return { ...principal, scopes };
}

async function load(request: Request, type: string, id: string): Promise<string> {
  try {
    return (await loadCurrent(request, type, id)).content;
  } catch (error) {
    throw error instanceof FhirError && error.status < 500 ? refused() : error;
  }
}
