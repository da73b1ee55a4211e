/** For tests: all formats at once. */
import { github } from './github.ts';
import { FORMAT_NAMES, type Format, type FormatName, loadFormat } from './load-format.ts';

/** What GitHub Actions sets. */
const OF_ACTIONS = { GITHUB_SHA: 'a'.repeat(40), GITHUB_REF: 'refs/heads/main' };

export const FORMATS = {
  ...Object.fromEntries(
    await Promise.all(FORMAT_NAMES.map(async (name) => [name, await loadFormat(name)] as const)),
  ),
  github: (input) => github(input, OF_ACTIONS),
} as Readonly<Record<FormatName, Format>>;
