import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Command } from 'commander';
import { addRegistryOptions, type RegistryFlagValues, registryFlagsOf } from './registry-options.ts';

async function flags(args: readonly string[], env: NodeJS.ProcessEnv = {}, stdin: readonly string[] = []) {
  const command = addRegistryOptions(new Command('x')).exitOverride();
  command.parse(args, { from: 'user' });
  async function* input() {
    yield* stdin;
  }
  return await registryFlagsOf(command.opts<RegistryFlagValues>(), env, input());
}

const PLAIN = { insecure: false, plainHttp: false };

describe('flags of registries', () => {
  it('are read', async () => {
    assert.deepEqual(await flags([]), PLAIN);
    assert.deepEqual(await flags(['--insecure', '--plain-http', '--ca-cert', 'ca.pem']), {
      insecure: true,
      plainHttp: true,
      caCert: 'ca.pem',
    });
    assert.deepEqual(await flags(['--username', 'me', '--password-stdin'], {}, ['sec', 'ret\n']), {
      ...PLAIN,
      login: { username: 'me', password: 'secret' },
    });
    assert.deepEqual(await flags(['--username', 'me'], { CLAIR_REGISTRY_PASSWORD: 'p' }), {
      ...PLAIN,
      login: { username: 'me', password: 'p' },
    });
    assert.deepEqual(await flags(['--registry-token', 't']), { ...PLAIN, login: { registryToken: 't' } });
  });

  it('are refused when a half is missing', async () => {
    await assert.rejects(flags(['--username', 'me']), {
      code: 'bad-target',
      message: /or use --password-stdin/,
    });
    await assert.rejects(flags(['--password-stdin']), /requires --username/);
    await assert.rejects(flags(['--username', 'me', '--registry-token', 't']), /exclude each other/);
    await assert.rejects(
      flags(['--username', 'me', '--password-stdin'], {}, ['x'.repeat(70_000)]),
      /exceeds 64 KiB/,
    );
  });
});
