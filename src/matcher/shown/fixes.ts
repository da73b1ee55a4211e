/** Versions that resolve a finding. */
import type { VersionScheme } from '../../contract/version-scheme.ts';

/** The version in Clair's `fixed_in_version`; '' if there is none. */
// clair-quirk: language feeds put `fixed=…&introduced=…` into `fixed_in_version`, and Ubuntu a `0` for none
export function fixedVersionOf(text: string, feed: string): string {
  const fixed = text.trim();
  if (fixed === '0') return '';
  if (!feed.startsWith('osv/') || !/^(fixed|introduced|lastAffected)=/.test(fixed)) return fixed;
  return new URLSearchParams(fixed).get('fixed') ?? '';
}

/** `fixes` in the order of their scheme, each once; what is no version of it comes last. */
export function sortFixes(fixes: Iterable<string>, versions: VersionScheme | undefined): string[] {
  const parsed = [...new Set(fixes)].sort().map((text) => ({ text, version: versions?.parse(text) }));
  const known = parsed.filter(({ version }) => version !== undefined);
  const others = parsed.filter(({ version }) => version === undefined);
  return [...known.sort((a, b) => versions!.compare(a.version, b.version)), ...others].map(
    ({ text }) => text,
  );
}
