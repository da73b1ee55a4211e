/** Text of what a schema rejects. */
import type { z } from 'zod';

/** Issues that a text names; the others are counted. */
const MOST = 3;

/** Returns the issues in one line: `layers[0].hash: expected string, received number; 2 more`. */
export function schemaIssues({ issues }: z.ZodError): string {
  const texts = issues.slice(0, MOST).map(({ path, message }) => {
    const reason = message
      .replace(/^Invalid (?:input|option): /, '')
      .replace(/^expected (.*), received undefined$/, 'missing: expected $1');
    return path.length === 0 ? reason : `${pathText(path)}: ${reason}`;
  });
  const more = issues.length - texts.length;
  return [...texts, ...(more > 0 ? [`${more} more`] : [])].join('; ');
}

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((key, at) => (typeof key === 'number' ? `[${key}]` : `${at === 0 ? '' : '.'}${String(key)}`))
    .join('');
}
