/** Versions that are numbers with dots or hyphens between them: of R (`numeric_version`) and of Haskell (pvp.haskell.org). */
import type { VersionScheme } from '../../contract/version-scheme.ts';
import { compareDigits, digitsKey, stripZeros } from './number-key.ts';

type Dotted = readonly string[];

const VERSION = /^v?\d+(?:[.-]\d+)*$/;
const MAX_LENGTH = 512;
const END = Buffer.of(0);
const MORE = Buffer.of(1);

/** Number by number; a version that another one begins with is before it. */
export function dotted(id: string): VersionScheme<Dotted> {
  return {
    id,
    parse(text) {
      if (text.length > MAX_LENGTH || !VERSION.test(text)) return undefined;
      return text.replace(/^v/, '').split(/[.-]/).map(stripZeros);
    },
    compare(a, b) {
      for (let at = 0; at < Math.min(a.length, b.length); at++) {
        const order = compareDigits(a[at]!, b[at]!);
        if (order !== 0) return order;
      }
      return a.length - b.length;
    },
    key: (version) => Buffer.concat([...version.flatMap((number) => [MORE, digitsKey(number)]), END]),
  };
}
