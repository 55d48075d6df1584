/** What a registered app says of itself (fhir-server/docs/smart.md). */

export interface AppInWords {
  readonly client_id: string;
  readonly client_name: string;
  /** Its home page. */
  readonly client_uri?: string;
  /** What it does with data. */
  readonly policy_uri?: string;
  /** On the server of this page. */
  readonly logo_uri?: string;
}

/** The site of a web address: `app.example`; undefined for what a link must not lead to. */
export function hostOf(uri: string | undefined): string | undefined {
  if (uri === undefined || !URL.canParse(uri)) return undefined;
  const { protocol, host } = new URL(uri);
  return protocol === 'https:' || protocol === 'http:' ? host : undefined;
}
