import assert from 'node:assert/strict';
import { it } from 'node:test';
import { enrichers } from './index.ts';

it('are known by the names and types of Clair', () => {
  assert.deepEqual(
    enrichers.filter(({ name }) => name.startsWith('clair.')).map(({ name, type }) => [name, type]),
    [
      [
        'clair.cvss',
        'message/vnd.clair.map.vulnerability; enricher=clair.cvss schema=https://csrc.nist.gov/schema/nvd/api/2.0/cve_api_json_2.0.schema',
      ],
      ['clair.epss', 'message/vnd.clair.map.vulnerability; enricher=clair.epss schema=none'],
      ['clair.kev', 'message/vnd.clair.map.vulnerability; enricher=clair.kev schema=none'],
    ],
  );
});
