/** How the EHR looks, for apps that it launches. https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html#styling */
import { publish, readDocument, type PublishedDocument } from './published-document.ts';

/** That of the EHR page and of the pages of the authorization server. */
const OWN_STYLE: Readonly<Record<string, string>> = {
  color_background: '#eef3f4',
  color_error: '#8a1c12',
  color_highlight: '#0b6b74',
  color_modal_backdrop: '#17303a',
  color_success: '#1d6b3a',
  color_text: '#17303a',
  dim_border_radius: '8px',
  dim_font_size: '16px',
  dim_spacing_size: '16px',
  font_family_body: 'system-ui, sans-serif',
  font_family_heading: 'system-ui, sans-serif',
};

/** Throws for a file whose members are not all text. */
export function loadStyle(file: string | undefined): PublishedDocument {
  if (file === undefined) return publish(OWN_STYLE);
  const style = readDocument('SMART_STYLE_FILE', file);
  if (!Object.values(style).every((value) => typeof value === 'string'))
    throw new Error('SMART_STYLE_FILE must hold an object whose values are text');
  return publish(style);
}

export interface StyledServer {
  readonly issuer: string;
  readonly styleFile: string | undefined;
}

const known = new WeakMap<StyledServer, PublishedDocument>();

/** Read once. */
export function styleOf(server: StyledServer): PublishedDocument {
  let style = known.get(server);
  if (style === undefined) known.set(server, (style = loadStyle(server.styleFile)));
  return style;
}

/** Its name changes with its content, so that it may be kept for ever. */
export const stylePath = ({ digest }: PublishedDocument): string => `/style/${digest}.json`;

export const styleUrl = (server: StyledServer): string => `${server.issuer}${stylePath(styleOf(server))}`;
