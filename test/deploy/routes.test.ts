/** Who answers what behind one address: Traefik, Ingress and the API agree. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { ROOT } from '../imports.ts';
import { API_PATHS, CLOSED_PATHS } from './api-paths.ts';
import { haproxyConfig } from './haproxy.ts';
import { readTraefikFile, servicesOf, type TraefikFile } from './traefik-routes.ts';

function checkTable(table: TraefikFile): void {
  for (const [path, service] of API_PATHS) assert.deepEqual(servicesOf(path, table), [service], path);
  for (const path of CLOSED_PATHS) {
    assert.deepEqual(servicesOf(path, table), [], path);
  }
  for (const { match } of table.routes) {
    for (const { path } of match) {
      assert.ok(
        [...API_PATHS.keys()].some((known) => known.startsWith(path)),
        `${path} leads nowhere`,
      );
    }
  }
}

// biome-ignore lint/suspicious/noExplicitAny: manifests are read as a cluster would
type Manifest = any;

function ofKind(kind: string): Manifest[] {
  const folder = join(ROOT, 'deploy/kubernetes');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .flatMap((name) => parseAllDocuments(readFileSync(join(folder, name), 'utf8')))
    .map((document) => document.toJS())
    .filter((each) => each?.kind === kind);
}

/** The service of a path is that of its longest prefix, by whole elements: Ingress, Gateway API and OpenShift agree. */
function checkPrefixes(prefixes: readonly (readonly [path: string, service: string])[]): void {
  for (const [path, service] of API_PATHS) {
    const [, found] =
      prefixes
        .filter(([prefix]) => `${path}/`.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`))
        .sort(([a], [b]) => b.length - a.length)[0] ?? [];
    assert.ok(found === 'clair-combo' || found === `clair-${service}`, `${path}: ${found}`);
  }
}

describe('the routes', () => {
  it('of Traefik are those of the API', () => {
    const table = readTraefikFile();
    checkTable(table);
    for (const { service } of table.routes) {
      const { loadBalancer } = table.services[service]!;
      assert.deepEqual(loadBalancer.servers, [{ url: `http://clair-${service}:6060` }]);
      assert.deepEqual([loadBalancer.healthCheck.path, loadBalancer.healthCheck.port], ['/readyz', 8089]);
    }
  });

  it('of the end-to-end test are those of Traefik', () => {
    const config = haproxyConfig(1, readTraefikFile(), []);
    assert.match(config, /use_backend matcher if { path_beg \/matcher\/ }/);
    assert.match(config, /use_backend indexer if { path \/robots\.txt }/);
  });

  it('of the Ingress are those of the API', () => {
    const ingresses = ofKind('Ingress');
    assert.equal(ingresses.length, 2);
    for (const { spec } of ingresses)
      checkPrefixes(
        spec.rules[0].http.paths.map(({ path, backend }: Manifest) => [path, backend.service.name]),
      );
  });

  it('of the Gateway API are those of the API', () => {
    const [route, ...others] = ofKind('HTTPRoute');
    assert.deepEqual(others, []);
    checkPrefixes(
      route.spec.rules.map(({ matches, backendRefs }: Manifest) => {
        assert.equal(backendRefs[0].port, 6060);
        return [matches[0].path.value, backendRefs[0].name];
      }),
    );
  });

  it('of OpenShift are those of the API, on one host', () => {
    const routes = ofKind('Route');
    assert.equal(new Set(routes.map(({ metadata }) => metadata.name)).size, routes.length);
    assert.deepEqual([...new Set(routes.map(({ spec }) => spec.host))], ['clair.apps.example.com']);
    checkPrefixes(routes.map(({ spec }) => [spec.path, spec.to.name]));
  });
});
