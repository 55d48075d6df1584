/** Forms that can be filled in, and what the patient has filled in (http://hl7.org/fhir/R4/questionnaire.html). */
import type { Bundle, Coding, Questionnaire, QuestionnaireResponse, ValueSet } from '@medplum/fhirtypes';
import { callJson, matchesOf, nextPageOf } from '@dr-assistant/ui/session';
import { portalApi } from './portal-api.ts';

export interface Forms {
  readonly questionnaires: readonly Questionnaire[];
  /** The newest first. */
  readonly responses: readonly QuestionnaireResponse[];
}

const isForPatients = ({ subjectType }: Questionnaire): boolean =>
  subjectType === undefined || subjectType.length === 0 || subjectType.includes('Patient');

async function searchAll<T extends Questionnaire | QuestionnaireResponse>(
  search: string,
  signal: AbortSignal,
) {
  const found: T[] = [];
  for (let url: string | undefined = search; url !== undefined;) {
    const bundle: Bundle = await callJson<Bundle>(url, undefined, signal);
    found.push(...matchesOf<T>(bundle));
    url = nextPageOf(bundle);
  }
  return found;
}

async function loadForms(patientId: string, signal: AbortSignal): Promise<Forms> {
  const [questionnaires, responses] = await Promise.all([
    searchAll<Questionnaire>('Questionnaire?status=active&_sort=title&_count=100', signal),
    searchAll<QuestionnaireResponse>(
      `QuestionnaireResponse?patient=${patientId}&source=Patient/${patientId}&_sort=-authored&_count=100`,
      signal,
    ),
  ]);
  return { questionnaires: questionnaires.filter(isForPatients), responses };
}

/** Questionnaire of a response, by canonical with or without version, or by id. */
export const isOf = (
  { questionnaire }: QuestionnaireResponse,
  { url, version, id }: Questionnaire,
): boolean =>
  questionnaire === `Questionnaire/${id ?? ''}` ||
  (url !== undefined && (questionnaire === url || questionnaire === `${url}|${version ?? ''}`));

/** How a response names its Questionnaire. */
export const canonicalOf = ({ url, version, id }: Questionnaire): string =>
  url === undefined ? `Questionnaire/${id ?? ''}` : version === undefined ? url : `${url}|${version}`;

/** A new one, or the next version of a draft: if another page has saved it meanwhile, 412. */
function saveResponse(response: QuestionnaireResponse): Promise<QuestionnaireResponse> {
  const { id, meta } = response;
  if (id === undefined) return callJson('QuestionnaireResponse', { method: 'POST', resource: response });
  const headers = { 'If-Match': `W/"${meta?.versionId ?? ''}"` };
  return callJson(`QuestionnaireResponse/${id}`, { method: 'PUT', resource: response, headers });
}

async function loadOptions(
  canonical: string,
  contained: ValueSet | undefined,
  signal: AbortSignal,
): Promise<Coding[]> {
  const expanded =
    contained === undefined
      ? await callJson<ValueSet>(
          `ValueSet/$expand?url=${encodeURIComponent(canonical)}&count=500`,
          undefined,
          signal,
        )
      : await callJson<ValueSet>(
          'ValueSet/$expand',
          {
            method: 'POST',
            resource: { resourceType: 'Parameters', parameter: [{ name: 'valueSet', resource: contained }] },
          },
          signal,
        );
  return (expanded.expansion?.contains ?? []).map(({ system, code, display }) => ({
    ...(system && { system }),
    ...(code && { code }),
    ...(display && { display }),
  }));
}

export const formsApi = portalApi.injectEndpoints({
  endpoints: (build) => ({
    forms: build.query<Forms, string>({
      query: (patientId) => (signal) => loadForms(patientId, signal),
      providesTags: ['Forms'],
    }),
    options: build.query<Coding[], { canonical: string; contained?: ValueSet | undefined }>({
      query:
        ({ canonical, contained }) =>
        (signal) =>
          loadOptions(canonical, contained, signal),
    }),
    saveResponse: build.mutation<QuestionnaireResponse, QuestionnaireResponse>({
      query: (response) => () => saveResponse(response),
    }),
  }),
});

export const { useFormsQuery, useOptionsQuery, useSaveResponseMutation } = formsApi;
