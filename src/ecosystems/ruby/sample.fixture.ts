/** A layer with packages of this ecosystem, for the tests that hold for all (test/ecosystems-contract.test.ts). */
import type { TarFile } from '../../image/tar/writer.fixture.ts';

const file = (name: string, content: string | Buffer, mode = 0o644): TarFile => ({ name, content, mode });

/** The layer's files. */
export const sample: readonly TarFile[] = [
  file(
    'usr/lib/ruby/gems/3.1.0/specifications/lab-1.2.3.gemspec',
    'Gem::Specification.new do |s|\n  s.name = "lab".freeze\n  s.version = "1.2.3"\nend\n',
  ),
];
