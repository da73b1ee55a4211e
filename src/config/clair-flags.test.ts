import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseClairFlags } from './clair-flags.ts';

describe('parseClairFlags', () => {
  const cases: [string[], NodeJS.ProcessEnv, object][] = [
    [['-conf', 'a.yaml'], {}, { conf: 'a.yaml', mode: 'combo' }],
    [['--config=a.yaml', '-mode=Combo'], {}, { conf: 'a.yaml', mode: 'combo' }],
    [['-mode', 'matcher'], { CLAIR_CONF: 'b.yaml' }, { conf: 'b.yaml', mode: 'matcher' }],
    [
      ['-conf', 'a.yaml'],
      { CLAIR_CONF: 'b.yaml', CLAIR_MODE: 'indexer' },
      { conf: 'a.yaml', mode: 'indexer' },
    ],
    [['-help'], {}, { tell: 'usage' }],
    [['--version'], {}, { tell: 'version' }],
    [
      ['-conf=a.yaml', '-cpuprofile', 'a.cpuprofile', '-memprofile=b'],
      {},
      { conf: 'a.yaml', cpuprofile: 'a.cpuprofile', memprofile: 'b' },
    ],
  ];
  for (const [args, env, want] of cases) {
    it(args.join(' '), () => assert.partialDeepStrictEqual(parseClairFlags(args, env), want));
  }
  for (const [args, message] of [
    [['-mode', 'x', '-conf', 'a.yaml'], /unknown mode "x"/],
    [[], /no configuration/],
    [['-conf'], /requires a value/],
    [['scan'], /unknown argument "scan"/],
  ] as const) {
    it(`refuses ${args.join(' ')}`, () =>
      assert.throws(() => parseClairFlags(args, {}), { code: 'bad-config', message }));
  }
});
