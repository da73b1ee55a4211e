/** A real Traefik with the files of deploy/compose/traefik; only addresses are this test's. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { freePort } from '../conformance/service.ts';
import { ROOT } from '../imports.ts';
import { type Backend, runBalancer } from './haproxy.ts';

const read = (name: string) => parse(readFileSync(join(ROOT, 'deploy/compose/traefik', name), 'utf8'));

/** Runs `program` until disposed. */
export async function startTraefik(
  program: string,
  folder: string,
  port: number,
  backends: readonly Backend[],
): Promise<AsyncDisposable> {
  const routes = read('routes.yaml');
  for (const [service, { loadBalancer }] of Object.entries<{ loadBalancer: { servers: object[] } }>(
    routes.http.services,
  )) {
    const own = backends.filter((backend) => backend.service === service);
    loadBalancer.servers = own.map(({ host }) => ({ url: `http://${host}:6060` }));
  }
  const settings = read('traefik.yaml');
  settings.entryPoints.clair.address = `127.0.0.1:${port}`;
  settings.entryPoints.ping.address = `127.0.0.1:${await freePort()}`;
  settings.providers.file.filename = join(folder, 'routes.yaml');
  settings.log = { level: 'INFO', filePath: join(folder, 'traefik.log') };
  settings.accessLog = { filePath: join(folder, 'access.log') };
  writeFileSync(settings.providers.file.filename, stringify(routes));
  const file = join(folder, 'traefik.yaml');
  writeFileSync(file, stringify(settings));
  return runBalancer(program, [`--configFile=${file}`]);
}
