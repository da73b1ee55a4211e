/** Gems in archives of JRuby: its own standard library, and applications that were packed with theirs. */
import type { Detection } from '../../contract/detector.ts';
import type { Zip, ZipEntry } from '../../formats/archives/zip.ts';
import { readGemspec } from '../../formats/gemspec.ts';
import { formatPurl } from '../../model/purl.ts';
import { type JavaArchive, readMember, shown } from './archive.ts';
import type { ArchiveBudget } from './budget.ts';

/** `META-INF/jruby.home/lib/ruby/gems/shared/specifications/rake-13.0.6.gemspec`, or at the root of the archive. */
const GEMSPEC = /(?:^|\/)specifications\/(?:default\/)?[^/]+\.gemspec$/;
const MAX_GEMSPEC = 4 * 1024 * 1024;

/** Whether a member is the specification of a gem. */
export function isGemspec(name: string): boolean {
  return name.endsWith('.gemspec') && GEMSPEC.test(name);
}

/** The gem whose specification is at `entry`, for the ecosystem of Ruby. Throws if it has no name and version. */
export function gemAt(archive: JavaArchive, zip: Zip, entry: ZipEntry, budget: ArchiveBudget): Detection {
  budget.spend('parts', 1);
  const gem = readGemspec(readMember(zip, entry, MAX_GEMSPEC, budget));
  if (gem === undefined) throw new Error('no name and version that can be read');
  const hint = formatPurl({ type: 'gem', namespace: '', ...gem, qualifiers: new Map(), subpath: '' });
  const places = [...archive.places, shown(entry.name)];
  return {
    found: 'package',
    package: {
      ...gem,
      kind: 'binary',
      database: `ruby:${places.join(':')}`,
      path: archive.places[0] ?? '',
      listed: true,
      hint,
    },
  };
}
