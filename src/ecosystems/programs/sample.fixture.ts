/** What this ecosystem gives to the tests that hold for all. */
import { file, type Sample, saidOfLanguage } from '../../contract/sample.fixture.ts';
import { BITNAMI_SCOPE, UPSTREAM } from './lookups.ts';

/** A header of 64 bits, for x86-64. */
const ELF = `\x7fELF\x02\x01\x01${'\0'.repeat(9)}\x03\0\x3e\0\x01${'\0'.repeat(43)}`;

const BITNAMI =
  '{"spdxVersion":"SPDX-2.3","packages":[{"externalRefs":[{"referenceLocator":"pkg:bitnami/redis@7.0.0-1"}]}]}';

export const sample: Sample = {
  of: 'programs',
  files: [
    file('usr/local/bin/node', `${ELF}\0node.js/v20.11.0\0`, 0o755),
    file('opt/bitnami/redis/.spdx-redis.spdx', BITNAMI),
    file('opt/java/release', 'IMPLEMENTOR="lab"\nJAVA_VERSION="17.0.9"\n'),
  ],
  says: saidOfLanguage(BITNAMI_SCOPE, 'query', UPSTREAM.name),
};
