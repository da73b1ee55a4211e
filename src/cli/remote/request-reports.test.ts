import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startRegistry, type TestRegistry } from '../../image/registry/server.fixture.ts';
import { image, layout } from '../../image/target/builder.fixture.ts';
import { noLog } from '../../lib/log.ts';
import { type ClairApi, NotIndexed } from './clair-api.ts';
import { type RequestOptions, requestReports } from './request-reports.ts';

const built = image(['a']);
const made = image(['b'], undefined, undefined, [{ created_by: 'RUN make install' }]);
let registry: TestRegistry;
before(async () => {
  registry = await startRegistry();
  registry.content.pushLayout('lab/app', layout([built.descriptor], built.blobs));
  registry.content.pushLayout('lab/made', layout([made.descriptor], made.blobs));
});
after(() => registry[Symbol.asyncDispose]());

/** What was asked of a Clair that answers so. */
function fake(answers: Partial<ClairApi> = {}): { api: ClairApi; asked: string[] } {
  const asked: string[] = [];
  const api: ClairApi = {
    indexReport: async () => ({ status: 'unknown', etag: '' }),
    index: async () => ({ etag: '' }),
    name: async () => true,
    vulnerabilityReport: async () => '{"from":"manifest"}',
    matchReport: async () => '{"from":"findings"}',
    delete: async () => [],
    async [Symbol.asyncDispose]() {},
    ...answers,
  };
  const watched = Object.fromEntries(
    (['indexReport', 'index', 'vulnerabilityReport', 'matchReport'] as const).map((name) => [
      name,
      (...args: unknown[]) => {
        asked.push(name);
        return (api[name] as (...args: unknown[]) => unknown)(...args);
      },
    ]),
  );
  return { api: { ...api, ...watched }, asked };
}

const options = (api: ClairApi, more: Partial<RequestOptions> = {}): RequestOptions => ({
  api,
  registry: {},
  keepGoing: false,
  novel: false,
  log: noLog,
  progress: { show() {}, note() {}, clear() {} },
  signal: new AbortController().signal,
  ...more,
});
const app = (): string => `${registry.host}/lab/app`;
const refused = async (): Promise<never> => {
  throw new NotIndexed(422, 'failed to start scan: failed to fetch layers: 403');
};

describe('reports from a Clair', () => {
  it('are asked for as Clair does', async () => {
    const { api, asked } = fake();
    const [report] = await requestReports([app()], options(api));
    assert.deepEqual(report, { reference: app(), digest: built.digest, json: '{"from":"manifest"}' });
    assert.deepEqual(asked, ['indexReport', 'index', 'vulnerabilityReport']);
  });

  it('tell the image its name and the instructions that made its layers', async () => {
    const told: unknown[] = [];
    const { api } = fake({
      name: async (...args) => {
        told.push(args);
        return true;
      },
    });
    const before = registry.seen.length;
    await requestReports([`${registry.host}/lab/made`], options(api));
    const asked = registry.seen.slice(before).map(({ path }) => path);
    assert.equal(asked.filter((path) => path.includes('/manifests/')).length, 1, asked.join('\n'));
    assert.deepEqual(told, [[made.digest, [`${registry.host}/lab/made:latest`], ['RUN make install']]]);
  });

  it('upload a known manifest again, unless only novel ones are wanted', async () => {
    const indexReport: ClairApi['indexReport'] = async () => ({ status: 'known', etag: '' });
    for (const novel of [true, false]) {
      const { api, asked } = fake({ indexReport });
      await requestReports([app()], options(api, { novel }));
      assert.equal(asked.includes('index'), !novel);
    }
  });

  it('send findings where the server cannot fetch the layers, and not for other failures', async () => {
    const { api, asked } = fake({ index: refused });
    const [report] = await requestReports([app()], options(api));
    assert.deepEqual([report?.json, report?.digest], ['{"from":"findings"}', built.digest]);
    assert.deepEqual(asked, ['indexReport', 'index', 'matchReport']);

    const never = await requestReports([app()], options(fake({ index: refused }).api, { local: false }));
    assert.match(never[0]?.error?.message ?? '', /could not index the image: .*403/);
    const broken = async (): Promise<never> => {
      throw new NotIndexed(400, 'failed to start scan: no tar');
    };
    const other = fake({ index: broken });
    assert.match((await requestReports([app()], options(other.api)))[0]?.error?.message ?? '', /no tar/);
    assert.equal(other.asked.includes('matchReport'), false);

    const local = fake();
    await requestReports([app()], options(local.api, { local: true }));
    assert.deepEqual(local.asked, ['matchReport']);
  });

  it('say so of a folder that is no system', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'clair-folder-'));
    writeFileSync(join(folder.path, 'notes.txt'), 'none');
    // The index report as the matcher gets it, which makes the verdict.
    const { api } = fake({ matchReport: async (index) => index });
    const [report] = await requestReports([`dir:${folder.path}`], options(api));
    const { problems } = JSON.parse(report?.json ?? '');
    assert.deepEqual(
      [problems.length, problems[0].where, problems[0].kind],
      [1, folder.path, 'nothing-found'],
    );
  });

  it('come in order, failures among them, if it goes on', async () => {
    const references = ['BAD REF!!', app(), `${registry.host}/lab/none`, app()];
    const reports = await requestReports(references, options(fake().api, { keepGoing: true }));
    assert.deepEqual(
      reports.map(({ reference }) => reference),
      references,
    );
    assert.deepEqual(
      reports.map(({ error }) => error?.code),
      ['bad-target', undefined, 'bad-target', undefined],
    );
  });

  it('are not waited for after the first failure', async () => {
    const { api } = fake({ index: () => new Promise(() => {}) });
    const reports = await requestReports([app(), 'BAD REF!!', app()], options(api));
    assert.deepEqual(
      reports.map(({ reference }) => reference),
      ['BAD REF!!'],
    );
  });
});
