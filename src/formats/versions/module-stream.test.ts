import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ANY_MODULE } from '../../model/advisory.ts';
import { streamOfPackage } from './module-stream.ts';

const cases: [label: string | undefined, version: string, stream: string | undefined][] = [
  ['nodejs:20', '20.9.0-1.el8', 'nodejs:20'],
  ['nodejs:20:8090020240101:abcd', '20.9.0-1.module_el8.9.0+3700+aaaa', 'nodejs:20'],
  ['nodejs:20:8090020240101:abcd:x86_64', '20.9.0-1', 'nodejs:20'],
  ['perl:5.30', '5.30.1-452.module+el8.4.0+8990+01326e37', 'perl:5.30'],
  [undefined, '20.9.0-1.module_el8.9.0+3700+aaaa', ANY_MODULE],
  ['', '5.30.1-452.module+el8.4.0+8990+01326e37', ANY_MODULE],
  ['nodejs', '20.9.0-1.module_el8.9.0+3700+aaaa', ANY_MODULE],
  [undefined, '20.9.0-1.el9', undefined],
  [':20', '1-1.el8', undefined],
  ['none', '1-1.modules', undefined],
];
for (const [label, version, stream] of cases) {
  it(`${label} ${version}: ${stream}`, () => assert.equal(streamOfPackage(label, version), stream));
}
