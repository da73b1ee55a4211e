/** What this ecosystem gives to the tests that hold for all. */
import { file, type Sample, saidOfLanguage } from '../../contract/sample.fixture.ts';
import { NUGET_SCOPE } from './lookups.ts';

export const sample: Sample = {
  of: 'dotnet',
  files: [
    file(
      'app/lab.deps.json',
      '{"libraries":{"Newtonsoft.Json/13.0.1":{"type":"package","serviceable":true,"sha512":"x"}}}',
    ),
  ],
  says: saidOfLanguage(NUGET_SCOPE, 'interval'),
};
