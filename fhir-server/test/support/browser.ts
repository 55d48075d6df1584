/** A person's browser for the log-in pages: keeps cookies, follows redirects within the server, sends forms. */

export interface Arrival {
  /** Where the last redirect led: the app's callback, or a page of the server. */
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
}

export class TestBrowser {
  readonly #cookies = new Map<string, string>();
  readonly #origin: string;

  constructor(origin: string) {
    this.#origin = origin;
  }

  /** Stops at the first address outside of the server, or at a page. */
  async go(
    url: string,
    form?: Readonly<Record<string, string>> | URLSearchParams,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Arrival> {
    let next = new URL(url, this.#origin);
    let body = form && new URLSearchParams(form);
    for (let hops = 0; hops < 12; hops += 1) {
      const response = await fetch(next, {
        method: body ? 'POST' : 'GET',
        redirect: 'manual',
        headers: { ...headers, Cookie: [...this.#cookies].map(([n, v]) => `${n}=${v}`).join('; ') },
        ...(body ? { body } : {}),
      });
      for (const cookie of response.headers.getSetCookie()) this.#keep(cookie);
      const location = response.headers.get('location');
      if (location === null)
        return { url: next, status: response.status, headers: response.headers, html: await response.text() };
      await response.arrayBuffer();
      next = new URL(location, next);
      body = undefined;
      if (next.origin !== this.#origin)
        return { url: next, status: response.status, headers: response.headers, html: '' };
    }
    throw new Error('too many redirects');
  }

  cookie(name: string): string | undefined {
    return this.#cookies.get(name);
  }

  #keep(cookie: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
    if (value === '' || /expires=Thu, 01 Jan 1970/i.test(cookie)) this.#cookies.delete(name);
    else this.#cookies.set(name, value);
  }
}
