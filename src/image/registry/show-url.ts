/** URLs in messages. */

/** Without user, password and query, which may hold secrets. */
export function showUrl(url: URL): string {
  return `${url.origin}${url.pathname}`;
}
