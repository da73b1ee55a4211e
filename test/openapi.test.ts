/** The OpenAPI document: whole, valid, and of all routes that there are. */
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { describe, it } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { FastifyInstance } from 'fastify';
import { parse } from 'yaml';
import { OPERATIONS, openapiDocument } from '../src/http/openapi/document.ts';
import { openapiRoutes } from '../src/http/openapi/openapi-route.ts';
import { mountedRoutes } from '../src/http/route.ts';
import { createServer } from '../src/http/server.ts';
import { noLog } from '../src/lib/log.ts';
import { ROOT } from './imports.ts';

/** Mounts all routes of all services, on nothing. */
async function mountAll(app: FastifyInstance): Promise<void> {
  openapiRoutes(app);
  const nothing: unknown = new Proxy(() => {}, {
    get: (_, key) => (key === Symbol.toPrimitive ? () => 0 : nothing),
    apply: () => nothing,
  });
  for (const path of globSync('src/*/routes/*.ts', { cwd: ROOT })) {
    if (path.endsWith('.test.ts')) continue;
    const module = (await import(`../${path}`)) as Record<string, unknown>;
    for (const [name, mount] of Object.entries(module)) {
      if (name.endsWith('Routes') && typeof mount === 'function') mount(app, nothing, nothing, nothing);
    }
  }
}

const plain = (route: string): string => route.replace(/\{\w+\}|:\w+|\*$/g, '{}');

describe('the OpenAPI document', () => {
  const document = openapiDocument();
  const app = createServer({ log: noLog });

  it('has every route, and no other', async () => {
    await mountAll(app);
    const mounted = new Set(mountedRoutes(app).map(plain));
    const described = new Set(OPERATIONS.map(({ method, path }) => plain(`${method} ${path}`)));
    assert.deepEqual(
      [...mounted].filter((route) => !described.has(route)),
      [],
    );
    assert.deepEqual(
      [...described].filter((route) => !mounted.has(route)),
      [],
    );
  });

  it('has schemas that can be used, and refers to no other', () => {
    const ajv = new Ajv2020({
      strict: true,
      strictRequired: false,
      formats: { 'date-time': true, uuid: true, uri: true },
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
    for (const { path, parameters = [] } of OPERATIONS) {
      const names = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
      assert.deepEqual(
        names,
        [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
        path,
      );
    }
    assert.equal(new Set(OPERATIONS.map(({ id }) => id)).size, OPERATIONS.length);
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
