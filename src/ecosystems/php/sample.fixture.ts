/** What this ecosystem gives to the tests that hold for all. */
import { file, type Sample, saidOfLanguage } from '../../contract/sample.fixture.ts';
import { PACKAGIST_SCOPE } from './lookups.ts';

export const sample: Sample = {
  of: 'php',
  files: [
    file('app/vendor/composer/installed.json', '{"packages":[{"name":"monolog/monolog","version":"2.9.1"}]}'),
  ],
  says: saidOfLanguage(PACKAGIST_SCOPE, 'interval'),
};
