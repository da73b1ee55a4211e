/** `node chart-hash.ts NAME`: a hash of the chart and of the values NAME, which shows whether rendered manifests are current. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const chart = fileURLToPath(new URL('../helm/clair/', import.meta.url));

/** Returns the hash of all files of the chart except the other sets of values. */
export function chartHash(name: string): string {
  const hash = createHash('sha256');
  const files = readdirSync(chart, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(chart.length))
    .filter((path) => !path.startsWith('ci/') || path === `ci/${name}-values.yaml`);
  for (const path of files.sort())
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(chart, path)))
      .update('\0');
  return `sha256:${hash.digest('hex')}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.stdout.write(`${chartHash(process.argv[2] ?? '')}\n`);
