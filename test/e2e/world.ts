/** The world outside for end-to-end tests: a small Alpine upstream and a store of layers, on loopback. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { stringify } from 'yaml';
import type { Files } from './make-image.ts';

/** A distribution with one package that has a fix for CVE-2099-0001, and one that has none. */
export const ALPINE: Files = {
  'etc/os-release': [
    'NAME="Alpine Linux"',
    'ID=alpine',
    'VERSION_ID=3.40.3',
    'PRETTY_NAME="Alpine Linux v3.40"',
    '',
  ].join('\n'),
  'lib/apk/db/installed': [
    'P:teapot',
    'V:1.0-r0',
    'A:x86_64',
    'o:teapot',
    '',
    'P:sound',
    'V:2.0-r0',
    'A:x86_64',
    'o:sound',
    '',
    '',
  ].join('\n'),
};

const SECDB = {
  distroversion: 'v3.40',
  reponame: 'main',
  packages: [
    { pkg: { name: 'teapot', secfixes: { '1.1-r0': ['CVE-2099-0001'], '0.9-r0': ['CVE-2099-0002'] } } },
  ],
};

/** The upstream; `blobs` are served at `/blobs/NAME` and may be added to. */
export interface World extends AsyncDisposable {
  readonly address: string;
  readonly blobs: Map<string, Buffer>;
  /** Answers in place of the upstream; false: it answers itself. */
  intercept: (path: string, response: ServerResponse) => boolean;
}

/** Starts it on a free port. */
export async function startWorld(): Promise<World> {
  const blobs = new Map<string, Buffer>();
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://world').pathname;
    if (world.intercept(path, response)) return;
    const body = path.startsWith('/blobs/') ? blobs.get(path.slice('/blobs/'.length)) : feedAt(path);
    if (body === undefined) response.writeHead(404).end('not found\n');
    else response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(body);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const world: World = {
    intercept: () => false,
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    blobs,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  return world;
}

/** The next day's secdb: two advisories have gone, and another has come. */
export function nextDay(world: World): void {
  const packages = [{ pkg: { name: 'sound', secfixes: { '2.1-r0': ['CVE-2099-0007'] } } }];
  const main = JSON.stringify({ distroversion: 'v3.40', reponame: 'main', packages });
  world.intercept = (path, response) => {
    const body = { '/secdb/last-update': '2099-01-02\n', '/secdb/v3.40/main.json': main }[path];
    if (body !== undefined) response.writeHead(200).end(body);
    return body !== undefined;
  };
}

/** Releases 3.3 to 3.40, of which only the last says anything; it has no end of support, whatever the day. */
function feedAt(path: string): string | undefined {
  const [, minor = '', rest] = /^\/secdb\/v3\.(\d+)\/(.*)$/.exec(path) ?? [];
  if (path === '/secdb/last-update') return '2099-01-01\n';
  if (rest === undefined || Number(minor) < 3 || Number(minor) > 40) return undefined;
  if (rest === '') return 'listing';
  return rest === 'main.json' && minor === '40' ? JSON.stringify(SECDB) : undefined;
}

/** A configuration that knows of this world only. */
export function worldConfig(world: World, more: Readonly<Record<string, unknown>> = {}): string {
  return stringify({
    updaters: { sets: ['alpine'], config: { alpine: { url: `${world.address}/secdb/` } } },
    matcher: { disable_enrichment: true },
    ...more,
  });
}
