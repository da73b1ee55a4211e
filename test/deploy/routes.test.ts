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

interface Ingress {
  readonly kind: string;
  readonly spec: {
    readonly rules: readonly {
      readonly http: {
        readonly paths: readonly {
          readonly path: string;
          readonly backend: { readonly service: { readonly name: string } };
        }[];
      };
    }[];
  };
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
    const folder = join(ROOT, 'deploy/kubernetes');
    const ingresses = readdirSync(folder)
      .filter((name) => name.endsWith('.yaml'))
      .flatMap((name) => parseAllDocuments(readFileSync(join(folder, name), 'utf8')))
      .map((document) => document.toJS() as Ingress)
      .filter((each) => each?.kind === 'Ingress');
    assert.equal(ingresses.length, 2);
    for (const { spec } of ingresses) {
      const paths = spec.rules[0]!.http.paths;
      for (const [path, service] of API_PATHS) {
        // A Prefix matches whole elements; the longest wins.
        const found = paths
          .filter((each) => `${path}/`.startsWith(each.path.endsWith('/') ? each.path : `${each.path}/`))
          .sort((a, b) => b.path.length - a.path.length)[0];
        const isCombo = found?.backend.service.name === 'clair-combo';
        assert.equal(found?.backend.service.name, isCombo ? 'clair-combo' : `clair-${service}`, path);
      }
    }
  });
});
