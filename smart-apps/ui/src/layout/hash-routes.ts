/** Where the user is, kept in the URL's hash so that a reload leads back. */
import { useSyncExternalStore } from 'react';

type ParamsOf<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? { readonly [K in Name]: string } & ParamsOf<`/${Rest}`>
  : Path extends `${string}:${infer Name}`
    ? { readonly [K in Name]: string }
    : Readonly<Record<never, string>>;

type Paths = Readonly<Record<string, `/${string}`>>;

/** One member for each page: `{ page: 'visit', params: { mediaId: '1' }, query }`. */
export type RouteOf<P extends Paths> = {
  [Page in keyof P]: {
    readonly page: Page;
    readonly params: ParamsOf<P[Page]>;
    /** What follows `?` in the hash. */
    readonly query: URLSearchParams;
  };
}[keyof P];

export interface HashRoutes<P extends Paths> {
  /** The route now; the first page when the hash fits none. */
  readonly useRoute: () => RouteOf<P>;
  /** `#/visit/1`, for links and `goTo`. Throws TypeError for a parameter that could not be read back. */
  readonly pathTo: <Page extends keyof P & string>(
    page: Page,
    params: ParamsOf<P[Page]>,
    query?: Readonly<Record<string, string>>,
  ) => string;
}

/** A parameter is a FHIR id, a client's id, a type's name or a word. */
const PARAMETER = '[A-Za-z0-9\\-._]{1,100}';
const WHOLE = new RegExp(`^${PARAMETER}$`);

const subscribe = (changed: () => void): (() => void) => {
  addEventListener('hashchange', changed);
  return () => removeEventListener('hashchange', changed);
};

/** Reads a hash by a table of pages; pure, for tests. The first page answers for what fits none. */
export function matchHash<const P extends Paths>(pages: P, hash: string): RouteOf<P> {
  const [path = '', query] = hash.replace(/^#/, '').split('?');
  const rest = { query: new URLSearchParams(query) };
  for (const [page, pattern] of Object.entries(pages)) {
    const form = new RegExp(`^${pattern.replace(/:(\w+)/g, `(?<$1>${PARAMETER})`)}$`);
    const found = form.exec(path);
    if (found !== null) return { page, params: { ...found.groups }, ...rest } as unknown as RouteOf<P>;
  }
  return { page: Object.keys(pages)[0], params: {}, ...rest } as unknown as RouteOf<P>;
}

/** @param pages by name, the first at `/`: `{ visits: '/', visit: '/visit/:mediaId' }` */
export function hashRoutes<const P extends Paths>(pages: P): HashRoutes<P> {
  return {
    useRoute: () =>
      matchHash(
        pages,
        useSyncExternalStore(subscribe, () => location.hash),
      ),
    pathTo(page, params, query = {}) {
      const path = (pages[page] ?? '/').replace(/:(\w+)/g, (_all, name: string) => {
        const value = (params as Readonly<Record<string, string>>)[name] ?? '';
        if (!WHOLE.test(value)) throw new TypeError(`${name} is no parameter of a path`);
        return value;
      });
      const asked = new URLSearchParams(query).toString();
      return `#${path}${asked === '' ? '' : `?${asked}`}`;
    },
  };
}

export function goTo(path: string): void {
  location.hash = path;
}
