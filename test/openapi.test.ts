/** The OpenAPI document: whole, valid, and of all routes that there are. */
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { FastifyInstance } from 'fastify';
import { parse } from 'yaml';
import { describe as describeOperation } from '../src/http/openapi/describe.ts';
import { openapiDocument } from '../src/http/openapi/document.ts';
import { openapiRoutes } from '../src/http/openapi/openapi-route.ts';
import { servedOperations } from '../src/http/serve.ts';
import { createServer } from '../src/http/server.ts';
import { noLog } from '../src/lib/log.ts';
import { OPERATIONS } from '../src/service/operations.ts';
import { ROOT } from './imports.ts';

/** Mounts all routes of all services, on nothing. */
async function mountAll(app: FastifyInstance): Promise<void> {
  openapiRoutes(app, OPERATIONS);
  const nothing: unknown = new Proxy(() => {}, {
    get: (_, key) => (key === Symbol.toPrimitive ? () => 0 : nothing),
    apply: () => nothing,
  });
  for (const path of globSync('src/**/routes/*.ts', { cwd: ROOT })) {
    if (path.endsWith('.test.ts')) continue;
    const module = (await import(`../${path}`)) as Record<string, unknown>;
    for (const [name, mount] of Object.entries(module)) {
      if (name.endsWith('Routes') && typeof mount === 'function') mount(app, nothing, nothing, nothing);
    }
  }
  await app.ready(); // scopes are made then
}

/** Paths that the document leaves out: what robots read, and redirects to the same path with a slash. */
const SILENT = [
  '/robots.txt',
  '/indexer/api/v1/internal/affected_manifest',
  '/matcher/api/v1/vulnerability_report',
  '/notifier/api/v1/notification',
];

describe('the OpenAPI document', () => {
  const document = openapiDocument(OPERATIONS);
  const paths = new Set<string>();
  const app = createServer({
    log: noLog,
    observe: (server) => void server.addHook('onRoute', ({ url }) => void paths.add(url)),
  });
  before(() => mountAll(app));

  it('has every operation that is served, and no other', () => {
    const idsOf = (operations: typeof OPERATIONS) => operations.map(({ id }) => id).sort();
    assert.deepEqual(idsOf(servedOperations(app)), idsOf(OPERATIONS));
    assert.deepEqual(new Set(servedOperations(app)), new Set(OPERATIONS));
  });

  it('has every path that there is', () => {
    const said = OPERATIONS.map(({ path }) => path.replace(/\{\w+\}$/, '*').replace(/\{(\w+)\}/g, ':$1'));
    assert.deepEqual([...paths].sort(), [...new Set([...said, ...SILENT])].sort());
  });

  it('has schemas that can be used, and refers to no other', () => {
    const ajv = new Ajv2020({
      strict: true,
      strictRequired: false,
      formats: { 'date-time': true, date: true, uuid: true, uri: true },
    });
    ajv.addKeyword('components');
    ajv.addSchema({ $id: 'clair', components: document.components });
    for (const name of Object.keys(document.components.schemas)) {
      assert.ok(ajv.getSchema(`clair#/components/schemas/${name}`), name);
    }
    const text = JSON.stringify(document);
    for (const [, section, name] of text.matchAll(/"#\/components\/(\w+)\/(\w+)"/g)) {
      assert.ok((document.components[section!] as Record<string, unknown>)?.[name!], `${section} ${name}`);
    }
  });

  it('names every parameter of its paths, and no operation twice', () => {
    for (const { path, parameters } of OPERATIONS.map(describeOperation)) {
      const names = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
      assert.deepEqual(
        names,
        [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
        path,
      );
    }
    assert.equal(new Set(OPERATIONS.map(({ id }) => id)).size, OPERATIONS.length);
  });

  it('requires of a query what its operation cannot do without', () => {
    const required = OPERATIONS.map(describeOperation).flatMap(({ id, parameters }) =>
      parameters.filter((each) => each.in === 'query' && each.required).map(({ name }) => `${id} ${name}`),
    );
    assert.deepEqual(required, [
      'updateDiff cur',
      'consoleImageByName name',
      'consolePackage type',
      'consolePackage name',
      'consolePackageImages type',
      'consolePackageImages name',
      'consoleSearch q',
      'consoleCompare base',
      'consoleCompare head',
      'consoleComparePackages base',
      'consoleComparePackages head',
      'consoleImageWhy cve',
      'consoleExport format',
      'consoleFeed name',
    ]);
  });

  it('has the failures of every body, and how long to wait where a request may be repeated', () => {
    for (const { id, body, responses } of OPERATIONS.map(describeOperation)) {
      assert.equal(responses[413] !== undefined, body !== undefined, id);
      for (const status of [429, 503]) {
        const { headers } = responses[status] ?? { headers: { 'Retry-After': '' } };
        assert.ok(headers && 'Retry-After' in headers, `${id} ${status}`);
      }
    }
  });

  it('is served in JSON and YAML, to who has it not', async () => {
    const ask = (headers: Record<string, string>) => app.inject({ url: '/openapi/v1', headers });
    const json = await ask({});
    assert.equal(json.headers['content-type'], 'application/openapi+json');
    assert.deepEqual(json.json(), document);
    for (const type of ['application/yaml', 'application/openapi+yaml', 'application/vnd.oai.openapi+yaml']) {
      const yaml = await ask({ accept: type });
      assert.equal(yaml.headers['content-type'], type);
      assert.deepEqual(parse(yaml.body), document);
      assert.equal(yaml.headers.etag, json.headers.etag);
    }
    assert.equal((await ask({ 'if-none-match': String(json.headers.etag) })).statusCode, 304);
    assert.equal((await ask({ accept: 'text/html' })).statusCode, 415);
  });
});
