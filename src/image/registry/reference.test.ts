import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { AppError } from '../../errors.ts';
import { parseChallenges } from './challenge.ts';
import { isLocal, parseReference, showReference } from './reference.ts';

describe('names of images', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const names: [string, string][] = [
    ['debian', 'docker.io/library/debian:latest'],
    ['debian:12', 'docker.io/library/debian:12'],
    ['team/app', 'docker.io/team/app:latest'],
    ['docker.io/debian', 'docker.io/library/debian:latest'],
    ['index.docker.io/team/app:1', 'docker.io/team/app:1'],
    ['quay.io/team/deep/app', 'quay.io/team/deep/app:latest'],
    ['localhost/app', 'localhost/app:latest'],
    ['localhost:5000/app:v1.0_2', 'localhost:5000/app:v1.0_2'],
    ['[::1]:5000/app', '[::1]:5000/app:latest'],
    [`quay.io/app@${digest}`, `quay.io/app@${digest}`],
    [`quay.io/app:1@${digest}`, `quay.io/app:1@${digest}`],
  ];
  for (const [text, want] of names)
    it(`${text} is ${want}`, () => assert.equal(showReference(parseReference(text)), want));

  const bad = [
    '',
    ':1',
    '/app',
    'app/',
    'app:',
    'app:-',
    'App',
    'a b',
    'app@sha256:1',
    'quay.io/a//b',
    'a..b',
    'http://quay.io/app',
    'quay.io/../app',
    '-.io/app',
    'x'.repeat(2000),
  ];
  for (const text of bad) {
    it(`${JSON.stringify(text.slice(0, 30))} is none`, () =>
      assert.throws(() => parseReference(text), AppError));
  }

  it('survive any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          assert.deepEqual(parseReference(showReference(parseReference(text))), parseReference(text));
        } catch (error) {
          assert.ok(error instanceof AppError);
        }
      }),
    );
  });

  it('know what is near', () => {
    for (const host of [
      'localhost:5000',
      'nas.local',
      '127.0.0.1',
      '10.1.2.3:80',
      '172.31.0.1',
      '192.168.0.1',
      '[::1]:1',
    ])
      assert.equal(isLocal(host), true, host);
    for (const host of [
      'docker.io',
      '172.32.0.1',
      '11.0.0.1',
      '10.example.org',
      'local',
      '[::2]',
      '127.0.0.1.evil.test',
    ])
      assert.equal(isLocal(host), false, host);
  });
});

describe('challenges', () => {
  it('are read with their parameters', () => {
    const [bearer, basic, ...rest] = parseChallenges(
      'Bearer realm="https://a/b?c,d", service=x\\y , scope="q\\"" , Basic realm=z',
    );
    assert.deepEqual(
      [bearer?.scheme, Object.fromEntries(bearer?.parameters ?? [])],
      ['bearer', { realm: 'https://a/b?c,d', service: 'x\\y', scope: 'q"' }],
    );
    assert.deepEqual([basic?.scheme, basic?.parameters.get('realm'), rest], ['basic', 'z', []]);
  });

  it('survive any text', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseChallenges(text)));
    parseChallenges('a="'.repeat(50_000));
    parseChallenges(`a=${' '.repeat(100_000)}`);
  });
});
