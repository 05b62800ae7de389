/** Addresses and headers, checked before anything is sent. */

const headerName = /^[\w!#$%&'*+.^`|~-]+$/;

/** Printable ASCII without line breaks: `fetch` would quote anything else in its own error. */
export const isHeaderValue = (value: unknown): value is string =>
  typeof value === 'string' && /^[\x20-\x7e]+$/.test(value);

export function checkHeaders(caller: string, headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    if (!headerName.test(name))
      throw new RangeError(`${caller}: headers must have names of letters, digits and dashes`);
    if (!isHeaderValue(value))
      throw new RangeError(`${caller}: headers must be printable ASCII without line breaks (value not shown)`);
  }
}

/** The server's address; it is not quoted, since it may hold a password. */
export function baseOf(caller: string, baseUrl: string): URL {
  const hint = `${caller}: baseUrl must be an http(s) address without user or password`;
  if (!URL.canParse(baseUrl)) throw new RangeError(`${hint}, got something that is no address`);
  const base = new URL(baseUrl);
  if (!/^https?:$/.test(base.protocol)) throw new RangeError(`${hint}, got ${base.protocol}`);
  if (base.username !== '' || base.password !== '') throw new RangeError(`${hint}; pass the key as apiKey`);
  return base;
}

/** A doubled slash is another path: the base gives up its own. */
export function addressOf(base: URL, path: string): URL {
  const address = new URL(`${base.pathname.replace(/\/+$/, '')}/api/v1/${path}`, base);
  address.search = base.search;
  return address;
}
