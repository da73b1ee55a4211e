/** What this ecosystem gives to the tests that hold for all. */
import { file, type Sample, saidOfLanguage } from '../../contract/sample.fixture.ts';
import { RUBYGEMS_SCOPE } from './lookups.ts';

export const sample: Sample = {
  of: 'ruby',
  files: [
    file(
      'usr/lib/ruby/gems/3.1.0/specifications/lab-1.2.3.gemspec',
      'Gem::Specification.new do |s|\n  s.name = "lab".freeze\n  s.version = "1.2.3"\nend\n',
    ),
  ],
  says: saidOfLanguage(RUBYGEMS_SCOPE, 'query'),
};
