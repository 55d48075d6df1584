/** Messages between the patient and the clinic (http://hl7.org/fhir/R4/communication.html). */
import type { Bundle, Communication, Patient } from '@medplum/fhirtypes';
import { callJson, matchesOf, nextPageOf } from '@dr-assistant/ui/session';
import { includedNames } from './appointments.ts';
import { portalApi } from './portal-api.ts';

export type Recipient = NonNullable<Communication['recipient']>[number];

export interface NewMessage {
  readonly patientId: string;
  readonly text: string;
  readonly subject?: string | undefined;
  readonly recipient?: Recipient | undefined;
  /** The message that it answers. */
  readonly answers?: Communication;
}

async function loadMessages(patientId: string, signal: AbortSignal): Promise<Communication[]> {
  const names = new Map<string, string>();
  const found: Communication[] = [];
  const search = `Communication?patient=${patientId}&_sort=-sent&_count=200&_include=Communication:sender`;
  for (let url: string | undefined = search; url !== undefined;) {
    const bundle: Bundle = await callJson<Bundle>(url, undefined, signal);
    found.push(...matchesOf<Communication>(bundle));
    for (const [reference, name] of includedNames(bundle)) names.set(reference, name);
    url = nextPageOf(bundle);
  }
  return found.map((message) => {
    const display = message.sender?.display ?? names.get(message.sender?.reference ?? '');
    return display === undefined ? message : { ...message, sender: { ...message.sender, display } };
  });
}

/** In the own name and about oneself, as the policy of patients allows (fhir-server/docs/access.md). */
function communicationOf({ patientId, text, subject, recipient, answers }: NewMessage): Communication {
  const own = { reference: `Patient/${patientId}` };
  const to = recipient ?? answerTo(answers, own.reference);
  const topic = subject === undefined ? answers?.topic : { text: subject };
  return {
    resourceType: 'Communication',
    status: 'completed',
    subject: own,
    sender: own,
    sent: new Date().toISOString(),
    ...(to && { recipient: [to] }),
    ...(topic && { topic }),
    ...(answers && { inResponseTo: [{ reference: `Communication/${answers.id ?? ''}` }] }),
    payload: [{ contentString: text }],
  };
}

/** Whoever wrote, or, after a message of one's own, whoever that went to. */
function answerTo(answers: Communication | undefined, own: string): Recipient | undefined {
  const sender = answers?.sender;
  return sender?.reference === own ? answers?.recipient?.[0] : sender;
}

/** To whom the patient may write: the doctor and the clinic. */
export const recipientsOf = ({ generalPractitioner, managingOrganization }: Patient): Recipient[] =>
  [managingOrganization, ...(generalPractitioner ?? [])].filter(
    (r) => r?.reference !== undefined,
  ) as Recipient[];

export const messagesApi = portalApi.injectEndpoints({
  endpoints: (build) => ({
    messages: build.query<Communication[], string>({
      query: (patientId) => (signal) => loadMessages(patientId, signal),
      providesTags: ['Messages'],
    }),
    sendMessage: build.mutation<Communication, NewMessage>({
      query: (message) => () =>
        callJson('Communication', { method: 'POST', resource: communicationOf(message) }),
      invalidatesTags: ['Messages'],
    }),
  }),
});

export const { useMessagesQuery, useSendMessageMutation } = messagesApi;
