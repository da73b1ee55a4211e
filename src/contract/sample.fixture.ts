/** Input of the tests for all ecosystems: `sample.fixture.ts` next to the code of each. */
import type { TarFile } from '../image/tar/writer.fixture.ts';
import type { Scope } from '../model/advisory.ts';
import type { PackageKind } from '../model/package.ts';

export interface Sample {
  /** Id of the ecosystem. */
  readonly of: string;
  /** A layer with packages of it, all of which have something to look up. */
  readonly files: readonly TarFile[];
  /** Its distributions as tools call them in package URLs, each with a release: `debian-12`. */
  readonly distros?: readonly string[];
  /** By the name of each of its sets of feeds: how such advisories look. */
  readonly says: Readonly<Record<string, readonly Said[]>>;
  /** By the name of a set of feeds that have their place by `url`: a document of theirs, to be damaged (scripts/fuzz.ts). */
  readonly documents?: Readonly<Record<string, string>>;
}

/** Advisories of one scope. */
export interface Said {
  readonly scope: Scope;
  readonly kind: PackageKind;
  /** A fix alone; any interval; or one that is written as a query into `fixed_in_version`. */
  readonly shape: 'fix' | 'interval' | 'query';
  /** Some hold for some architectures only. */
  readonly arches?: true;
}

/** What the feed of a language says: all is in one scope, whose repository has the scope's name unless told. */
export function saidOfLanguage(key: string, shape: Said['shape'], repository = key): Sample['says'] {
  return { osv: [{ scope: { key, repository: { name: repository } }, kind: 'binary', shape }] };
}

/** A file of a layer. */
export function file(name: string, content: string | Buffer, mode = 0o644): TarFile {
  return { name, content, mode };
}
