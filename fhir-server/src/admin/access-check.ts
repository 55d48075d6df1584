/** What a user may do with some scopes: the decision that a request of his would meet, and nothing of what it would be sent. */
import { type AccessAnswer, type AccessQuestion, parseScope, type Interaction } from '../access/index.ts';
import { writeRecords } from '../audit/index.ts';
import { loadPrincipalOf, scopeFault } from '../auth/index.ts';
import { isResourceType } from '../fhir/definitions/index.ts';
import type { Administrator } from './administrator.ts';
import type { AdminServices } from './context.ts';
import { Input, ofForm } from './parse-input.ts';
import { loadUser } from './users.ts';

/** In whose name it is asked: no client's own limits count. */
const CHECKER = 'access-check';

/** Interactions with one resource; the others are of a type. */
const OF_ONE: readonly string[] = ['read', 'vread', 'history-instance', 'update', 'patch', 'delete'];
const INTERACTIONS: readonly string[] = [...OF_ONE, 'create', 'search-type', 'history-type'];

interface Question extends AccessQuestion {
  readonly user: string;
  readonly scope: string;
}

/**
 * Audited: with the resource, where it is asked about one that is there, so that its patient can see it. Emergencies that the
 * user has opened do not count. Throws FhirError 400 and, for an unknown user, 404.
 */
export async function checkUserAccess(
  context: AdminServices,
  by: Administrator,
  body: unknown,
): Promise<Omit<AccessAnswer, 'exists'>> {
  const { user, scope, ...question } = parseQuestion(context, body);
  const { id: userId, disabled, role, fhirUser = '' } = await loadUser(context.pool, user);
  const scopes = scope.split(' ').flatMap((text) => parseScope(text) ?? []);
  // Whatever a token's patient is, the answer must not tell whom a resource belongs to.
  const patient = /^Patient\/(.+)$/.exec(fhirUser)?.[1];
  const principal = await loadPrincipalOf(context.pool, userId, CHECKER, scopes);
  const { exists = false, ...answer } =
    principal === undefined
      ? { permitted: false, reason: noRights(disabled, role), scopes: [], rules: [] }
      : await context.checkAccess({ ...principal, ...(patient === undefined ? {} : { patient }) }, question);
  const { interaction, resourceType, id } = question;
  await writeRecords(context.pool, [
    {
      at: Date.now(),
      kind: 'security',
      code: 'alert',
      action: 'E',
      outcome: '0',
      reason: `rights of user ${userId} looked up: ${interaction} of ${resourceType}`,
      agent: by.agent,
      touched: exists && id !== undefined ? [[`${resourceType}/${id}`]] : [],
    },
  ]);
  return answer;
}

const noRights = (disabled: boolean, role: string | undefined): string =>
  disabled || role === undefined
    ? `The user ${disabled ? 'is disabled' : 'has no role'}, and may do nothing.`
    : 'There is no policy for the role of the user, who may do nothing.';

/** With `?code=…` in a scope, whether it reaches a resource would tell what that holds. */
const contentFault = (text: string): string | undefined =>
  text.split(' ').some((word) => (parseScope(word)?.params.length ?? 0) > 0)
    ? 'has a scope with parameters, about which nothing is told here'
    : undefined;

function parseQuestion({ criteria }: AdminServices, body: unknown): Question {
  const input = new Input(body, ['user', 'scope', 'interaction', 'resourceType', 'id']);
  const question = {
    user: input.text('user', ofForm(/^[0-9a-f-]{36}$/, 'must be the id of an account')),
    scope: input.text('scope', (text) => scopeFault(text, criteria) ?? contentFault(String(text))),
    interaction: input.text('interaction', (word) =>
      INTERACTIONS.includes(String(word)) ? undefined : `must be one of ${INTERACTIONS.join(', ')}`,
    ) as Interaction,
    resourceType: input.text('resourceType', (word) =>
      isResourceType(String(word)) ? undefined : 'must be a type of resources',
    ),
    id: input.optional('id', ofForm(/^[A-Za-z0-9\-.]{1,64}$/, 'must be the id of a resource')),
  };
  const isOfType = INTERACTIONS.includes(question.interaction) && !OF_ONE.includes(question.interaction);
  if (question.id !== undefined && isOfType) input.fault('id', 'is not for interactions with a type');
  input.done();
  return question;
}
