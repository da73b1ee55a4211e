/** What docs/reference/metrics.md lists. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './imports.ts';

const listed = readFileSync(join(ROOT, 'docs', 'reference', 'metrics.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name))
  .map((name) => new RegExp(`^${name.replaceAll('*', '.*')}$`));

/** Whether the page says something of the metric `name`. */
export function isDocumented(name: string): boolean {
  return listed.some((pattern) => pattern.test(name));
}
