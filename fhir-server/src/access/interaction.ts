/** The instance and type level interactions that are decided upon, and the SMART v2 letter of each. https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html#scopes-for-requesting-fhir-resources */
export type Interaction =
  | 'create'
  | 'read'
  | 'vread'
  | 'update'
  | 'patch'
  | 'delete'
  | 'history-instance'
  | 'history-type'
  | 'search-type';

export type ScopeLetter = 'c' | 'r' | 'u' | 'd' | 's';

export const SCOPE_LETTER: Readonly<Record<Interaction, ScopeLetter>> = {
  create: 'c',
  read: 'r',
  vread: 'r',
  'history-instance': 'r',
  update: 'u',
  patch: 'u',
  delete: 'd',
  'search-type': 's',
  'history-type': 's',
};

/** Interactions that change nothing. */
export const isReading = (interaction: Interaction): boolean => /[rs]/.test(SCOPE_LETTER[interaction]);
