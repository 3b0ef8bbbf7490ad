/**
 * Text without the secrets of stream addresses: of every URL in it, only scheme, host and port stay. A login stands before
 * the host, and many cameras take a token or a password as path or query.
 * @param address the configured address, known to stand in the text: it may hold blanks or quotes that end a URL elsewhere
 */
export function redact(text: string, address?: string): string {
  const known = address?.includes('://') ? text.replaceAll(address, hostOf(address)) : text;
  return known.replace(/\b[a-z][a-z0-9+.-]*:\/\/[^\s'"]*[^\s'":]/gi, hostOf);
}

/** An `@` behind the first slash may end a password with a slash in it, or belong to the path: then nothing is shown. */
function hostOf(url: string): string {
  const scheme = url.slice(0, url.indexOf('://')).toLowerCase();
  const [, authority = '', path = ''] = url.slice(scheme.length + '://'.length).match(/^([^/?#]*)(.*)$/s) ?? [];
  if (path.includes('@')) return `${scheme}://...`;
  return `${scheme}://${authority.slice(authority.lastIndexOf('@') + 1)}`;
}
