/** What an advisory says of a package, and what that comes to, in words. */
import type { ExplainedAdvisory } from './explain.ts';

/** The versions, module and architectures that it is about. */
export function rangeText({
  from_version: from,
  below,
  up_to: upTo,
  module,
  arches,
}: ExplainedAdvisory): string {
  const bounds = [from && `from ${from}`, below && `below ${below}`, upTo && `up to ${upTo}`].filter(Boolean);
  return [
    bounds.length > 0 ? bounds.join(', ') : 'all versions',
    ...(module === '' ? [] : [`module ${module}`]),
    ...(arches === null ? [] : [`architectures ${arches.join(', ')}`]),
  ].join('; ');
}

export function comparedText({
  version,
  verdict,
  otherwise,
  asserts_unaffected: asserts,
}: ExplainedAdvisory): string {
  switch (otherwise) {
    case 'module':
      return `${version} is of another module and is ignored`;
    case 'arch':
      return `${version} is for another architecture and is ignored`;
    case 'unfixed-hidden':
      return 'no fix exists, and updaters.config loads only advisories with a fix: ignored';
    default:
  }
  if (verdict === 'unknown') return `${version} cannot be compared: it may be in that range`;
  const within = verdict === 'affected' ? 'is in' : 'is outside';
  return `${version} ${within} that range${asserts ? ', which the feed states as not affected' : ''}`;
}
