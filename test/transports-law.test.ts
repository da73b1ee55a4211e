/** A transport is a folder and one line in one list: whatever else knows one by name stops the next one. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { lintConfig } from '../src/config/lint-config.ts';
import { parseConfig } from '../src/config/load-config.ts';
import { configSchema } from '../src/config/schema.ts';
import { transports } from '../src/transports/index.ts';
import type { TransportKind } from '../src/transports/kind.ts';
import { transportNames } from '../src/transports/sections.ts';
import { ROOT, readSources } from './imports.ts';

const kinds: readonly TransportKind[] = transports;
const sources = readSources('src');

describe('the list of transports', () => {
  it('has every folder of src/transports exactly once', () => {
    const folders = readdirSync(join(ROOT, 'src/transports'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
    const list = sources.find(({ path }) => path === 'src/transports/list.ts');
    const listed = list?.imports.flatMap(({ target }) => folderOf(target) ?? []) ?? [];
    assert.deepEqual(listed.sort(), folders.sort());
    assert.equal(new Set(kinds.map(({ name }) => name)).size, folders.length, 'a name is there twice');
  });

  it('is all that other rooms know of a transport', () => {
    const knowing = sources.filter(
      ({ path }) => folderOf(path) === undefined && !/\.(test|fixture)\.ts$/.test(path),
    );
    const named = knowing.flatMap(({ path, imports }) =>
      imports
        .filter(({ target }) => folderOf(target) !== undefined)
        .map(({ target }) => `${path} -> ${target}`),
    );
    assert.deepEqual(
      named.sort(),
      kinds.map(({ name }) => `src/transports/list.ts -> src/transports/${name}/index.ts`).sort(),
    );
    const strangers = sources.filter(({ path, imports }) =>
      imports.some(({ target }) => ![undefined, folderOf(path)].includes(folderOf(target))),
    );
    const own = strangers.filter(({ path }) => folderOf(path) !== undefined);
    assert.deepEqual(own, [], 'transports never import each other');
  });
});

describe('the configuration learns from the list', () => {
  const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) as Schema;
  for (const { name, schema: own } of kinds) {
    it(`notifier.${name}: its keys, its mistakes, its name where there is none`, () => {
      const notifier = schema.properties?.notifier?.anyOf?.find(({ properties }) => properties);
      assert.equal(notifier?.properties?.[name]?.description, own.description);
      assert.ok(own.description, 'the reference of the configuration has a sentence on it');
      assert.throws(() => parseConfig(`notifier: {${name}: {nonsense: 1}}`, '.yaml', 'c'), {
        message: new RegExp(`notifier\\.${name}\\.nonsense: unknown key`),
      });
      assert.match(transportNames(), new RegExp(`\\b${name}\\b`));
    });
  }

  it('asks each for its advice, below its own key', () => {
    const text =
      'notifier: {stomp: {uris: [h:1], destination: q, direct: true, callback: "http://c/", rollup: 1}}';
    const { config } = parseConfig(text, '.yaml', 'c');
    assert.deepEqual(
      lintConfig(config, 'notifier', {})
        .map(({ key }) => key)
        .filter((key) => key.startsWith('notifier.stomp')),
      ['notifier.stomp.rollup', 'notifier.stomp.callback'],
    );
  });
});

interface Schema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
}

/** The transport whose folder `path` lies in. */
function folderOf(path: string): string | undefined {
  return /^src\/transports\/([^/]+)\//.exec(path)?.[1];
}
