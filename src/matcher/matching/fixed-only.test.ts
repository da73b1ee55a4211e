import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ecosystems } from '../../ecosystems/index.ts';
import { AppError } from '../../errors.ts';
import { fixedOnlyScopes } from './fixed-only.ts';

describe('ignore_unpatched', () => {
  for (const [name, config, want] of [
    ['no configuration', undefined, []],
    ['null', null, []],
    ['another matcher', { debian: { ignore_unpatched: true } }, []],
    ['nothing of it', { rhel: null }, []],
    ['off', { rhel: { ignore_unpatched: false } }, []],
    ['on', { rhel: { ignore_unpatched: true } }, ['rhel-cpe:']],
  ] as const) {
    it(name, () => assert.deepEqual(fixedOnlyScopes(ecosystems, config), want));
  }

  it('is true or false', () => {
    assert.throws(
      () => fixedOnlyScopes(ecosystems, { rhel: { ignore_unpatched: 'yes' } }),
      new AppError(
        'bad-config',
        'matchers.config.rhel.ignore_unpatched: invalid value "yes": expected true or false',
      ),
    );
  });

  it('is about scopes that its ecosystem has', () => {
    for (const { unpatched = {}, scopes, matchers = {} } of ecosystems) {
      for (const [matcher, its] of Object.entries(unpatched)) {
        assert.ok(matcher in matchers, matcher);
        assert.deepEqual(
          its.filter((scope) => !scopes.includes(scope)),
          [],
        );
      }
    }
  });
});
