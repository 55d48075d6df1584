/** The text of a resource for `_text` and `_content`. https://hl7.org/fhir/R4/search.html#content */
import type { Resource } from '@medplum/fhirtypes';
import type { Words } from './index-row.ts';

/** Elements that hold identifiers, codes or data, not words for people. */
const WITHOUT_WORDS = new Set(
  (
    'resourceType id meta text url system reference version code data contentType language status hash ' +
    'lastUpdated issued start end implicitRules fullUrl use gender type versionId unit div'
  ).split(' '),
);
const HAS_WORDS = /\p{L}{2}/u;
/** What looks like an identifier, a URL or a date. */
const NO_WORDS = /^(?:[a-z][a-z0-9+.-]*:\S*|[0-9a-fA-F-]{32,36}|\d{4}-\d\d[-\dT:.+Z]*)$/;
/** PostgreSQL refuses a tsvector above one megabyte; who searches does not search the end of a book. */
const TEXT_MAX = 200_000;

export function extractWords(resource: Resource): Words {
  const div = (resource as { text?: { div?: unknown } }).text?.div;
  const found: string[] = [];
  collect(resource, found);
  return {
    narrative: typeof div === 'string' ? withoutTags(div).slice(0, TEXT_MAX) : '',
    content: found.length === 0 ? '' : [...new Set(found)].join('\n').slice(0, TEXT_MAX),
  };
}

function collect(node: object, found: string[]): void {
  for (const name in node) {
    const value = (node as Record<string, unknown>)[name];
    if (typeof value === 'string') {
      if (!WITHOUT_WORDS.has(name) && HAS_WORDS.test(value) && !NO_WORDS.test(value)) found.push(value);
      // CodeableConcept.text and Identifier.type are words, Resource.text is the narrative.
      else if (name === 'text') found.push(value);
    } else if (Array.isArray(value)) {
      for (const item of value as unknown[]) {
        if (typeof item === 'object' && item !== null) collect(item, found);
        else if (typeof item === 'string' && !WITHOUT_WORDS.has(name) && !NO_WORDS.test(item))
          found.push(item);
      }
    } else if (typeof value === 'object' && value !== null && name !== 'meta' && !isNarrative(name, value))
      collect(value, found);
  }
}

const isNarrative = (name: string, value: object): boolean => name === 'text' && 'div' in value;

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
};

const withoutTags = (html: string): string =>
  html
    .replace(/<[^>]*>/g, ' ')
    .replace(/&(amp|lt|gt|quot|apos|nbsp);/g, (_all, name: string) => ENTITIES[name] ?? ' ')
    .replace(/\s+/g, ' ')
    .trim();
