/** The ids of vulnerabilities in the texts of security databases of apk. */

/** The ids in a text such as "CVE-2019-0001 XSA-100" or "CVE-2019-0001 (only the server)". */
// differs: a text with several ids is an advisory for each (clair-matching.md#alpine)
export function idsIn(text: string): string[] {
  const words = text
    .replace(/\([^()]*\)/g, ' ')
    .replace(/\bCVE\s+(?=\d{4}-)/g, 'CVE-')
    .split(/[\s,;]+/);
  // A few ids of GitHub have no digit.
  const ids = words.filter((word) => /^(?:[A-Za-z][\w.:+-]*\d|GHSA(?:-\w{4}){3}$)/i.test(word));
  return ids.length > 0 ? ids : [text.trim()].filter((whole) => whole !== '');
}
