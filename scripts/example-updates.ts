/** The example advisories (`examples/feeds/advisories.json`) as `clairctl export-updaters` writes them: a file for `scan --feeds`. */
import { createHash } from 'node:crypto';
import { ecosystems } from '../src/ecosystems/index.ts';
import { createHttpClient } from '../src/lib/http-client.ts';
import { exportFeeds } from '../src/matcher/offline/export-feeds.ts';
import { exampleFeeds } from '../src/matcher/updating/example-feeds.ts';

/** Of the advisories: the file is the same whenever it is written. */
const WRITTEN = new Date('2026-11-30T00:00:00Z');

/** The lines, in the order of their feeds. Throws `feed` if the advisories at `path` cannot be read. */
export async function exampleUpdates(path: string): Promise<string> {
  const schemes = ecosystems.map(({ versions }) => versions);
  const example = { set: 'example', feeds: async () => exampleFeeds(path, schemes) };
  const lines: string[] = [];
  await using http = createHttpClient();
  await exportFeeds(
    {
      ecosystems: ecosystems.map((ecosystem, index) => ({
        ...ecosystem,
        feeds: index === 0 ? [example] : [],
      })),
      enrichers: [],
      http,
      now: () => WRITTEN,
    },
    async (chunks) => {
      let text = '';
      for await (const chunk of chunks) text += Buffer.from(chunk).toString();
      lines.push(...text.trimEnd().split('\n').map(withOwnRef));
    },
    { signal: new AbortController().signal },
  );
  return `${lines.sort().join('\n')}\n`;
}

/** Drawn by chance in an export: here it follows from the feed. */
function withOwnRef(line: string): string {
  const { Updater } = JSON.parse(line) as { Updater: string };
  const hex = createHash('sha256').update(Updater).digest('hex');
  const ref = hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5');
  return line.replace(/"Ref":"[^"]*"/, `"Ref":"${ref}"`);
}
