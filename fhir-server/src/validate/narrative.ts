/** Narrative is one div of XHTML, static and safe. https://hl7.org/fhir/R4/narrative.html#xhtml, constraints txt-1 and txt-2 */
import { SaxesParser, type SaxesTagNS } from 'saxes';

const XHTML = 'http://www.w3.org/1999/xhtml';

/** HTML 4.0 chapters 7 to 11 without section 9.4, and 15, with `a` and `img`; nothing that is deprecated. */
const ELEMENTS = new Set(
  (
    'div p br h1 h2 h3 h4 h5 h6 a span b em i strong small big tt dfn q var abbr acronym cite blockquote hr address bdo ' +
    'kbd sub sup ul ol li dl dt dd pre table caption colgroup col thead tbody tfoot tr th td code samp img map area'
  ).split(' '),
);

const ATTRIBUTES = new Set(
  (
    'title style class id lang xml:lang dir accesskey tabindex span width align valign char charoff abbr axis headers ' +
    'scope rowspan colspan'
  ).split(' '),
);

const OWN_ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  a: ['href', 'name', 'charset', 'type', 'hreflang', 'rel', 'rev', 'shape', 'coords', 'target'],
  area: ['shape', 'coords', 'href', 'nohref', 'alt'],
  blockquote: ['cite'],
  q: ['cite'],
  hr: ['size', 'noshade'],
  img: ['src', 'alt', 'longdesc', 'height', 'usemap', 'ismap', 'border'],
  li: ['type', 'value'],
  map: ['name'],
  ol: ['type', 'start', 'compact'],
  ul: ['type', 'compact'],
  dl: ['compact'],
  br: ['clear'],
  pre: ['space', 'xml:space'],
  table: ['summary', 'border', 'frame', 'rules', 'cellspacing', 'cellpadding', 'bgcolor', 'height'],
  td: ['nowrap', 'height', 'bgcolor'],
  th: ['nowrap', 'height', 'bgcolor'],
  tr: ['bgcolor'],
  bdo: ['dir'],
};

/** What a link may lead to; what has no scheme is relative, or a place in the same text. */
const LINK_SCHEMES = new Set(['http', 'https', 'mailto', 'ftp', 'tel', 'urn']);
const IMAGE_SCHEMES = new Set(['http', 'https', 'cid']);
const NO_SCHEMES: ReadonlySet<string> = new Set();
const IMAGE_DATA = /^data:\s*image\/(png|jpe?g|gif|webp|bmp)[;,]/i;
/** Styles that run something, and those whose text hides what it does. */
const ACTIVE_STYLE =
  /expression\s*\(|@import|javascript:|vbscript:|behaviou?r\s*:|-moz-binding|image-set|cross-fade|src\s*\(|\\|\/\*/i;
const STYLE_URL = /url\s*\(\s*["']?([^"')]*)/gi;

/** What is wrong with the text, without repeating it; undefined for good narrative. */
export function narrativeFault(text: string): string | undefined {
  const check = new NarrativeCheck();
  try {
    check.parser.write(text).close();
  } catch {
    // The parser stops at the first fault by throwing.
  }
  return check.fault;
}

class NarrativeCheck {
  readonly parser = new SaxesParser({ xmlns: true });
  fault: string | undefined;
  #depth = 0;
  #hasContent = false;

  constructor() {
    const { parser } = this;
    // Its messages hold pieces of the text.
    parser.on('error', () => this.#stop(`This is no well-formed XML at line ${parser.line}, column ${parser.column}`)); // prettier-ignore
    parser.on('doctype', () => this.#stop('Narrative has no DOCTYPE'));
    parser.on('processinginstruction', () => this.#stop('Narrative has no processing instructions'));
    parser.on('cdata', () => this.#stop('Narrative has no CDATA sections'));
    parser.on('text', (text) => {
      if (this.#depth > 0 && /[^ \t\r\n]/.test(text)) this.#hasContent = true;
    });
    parser.on('opentag', (tag) => this.#open(tag));
    parser.on('closetag', () => {
      this.#depth -= 1;
    });
    parser.on('end', () => {
      if (!this.#hasContent) this.#stop('The narrative needs some text or an image (txt-2)');
    });
  }

  #open(tag: SaxesTagNS): void {
    const { local, uri, attributes } = tag;
    if (uri !== XHTML) this.#stop(`Narrative is of the namespace ${XHTML}`);
    if (this.#depth === 0 && local !== 'div') this.#stop('Narrative is one <div>');
    if (!ELEMENTS.has(local)) this.#stop(`There is no <${printable(local)}> in narrative (txt-1)`);
    this.#depth += 1;
    if (local === 'img') this.#hasContent = true;
    for (const [name, { value }] of Object.entries(attributes)) this.#attribute(local, name, value);
  }

  #attribute(element: string, name: string, value: string): void {
    if (name === 'xmlns' || name.startsWith('xmlns:')) return;
    if (!ATTRIBUTES.has(name) && OWN_ATTRIBUTES[element]?.includes(name) !== true)
      this.#stop(`There is no attribute ${printable(name)} of <${element}> in narrative (txt-1)`);
    if (name === 'style' && !isSafeStyle(value))
      this.#stop(
        'A style may not run anything, or load more than a picture that is beside the text or in it',
      );
    if ((name === 'href' || name === 'cite' || name === 'longdesc') && !isSafe(value, LINK_SCHEMES))
      this.#stop('A link leads to a page, a mail address or a place in the text');
    if (name === 'src' && !isSafe(value, IMAGE_SCHEMES) && !IMAGE_DATA.test(value))
      this.#stop('An image comes from a URL, or is data of PNG, JPEG, GIF, WebP or BMP');
  }

  #stop(fault: string): never {
    this.fault ??= fault;
    throw new Error(fault);
  }
}

const printable = (name: string): string => name.replace(/[^\x20-\x7e]/g, '?').slice(0, 64);

/** Browsers overlook white space and control characters in a scheme. */
function isSafe(url: string, schemes: ReadonlySet<string>): boolean {
  const text = url.replace(/[\u0000-\u0020\u007f-\u00a0]/g, '');
  // `//host/path` is of the page's own scheme.
  const scheme = /^[\\/]{2}/.test(text) ? 'https' : /^([^:/?#]*):/.exec(text)?.[1];
  return scheme === undefined || schemes.has(scheme.toLowerCase());
}

const isSafeStyle = (style: string): boolean =>
  !ACTIVE_STYLE.test(style) &&
  [...style.matchAll(STYLE_URL)].every(([, url = '']) => isSafe(url, NO_SCHEMES) || IMAGE_DATA.test(url));
