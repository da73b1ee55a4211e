/** The feeds of a chaos run: an Alpine upstream whose news come by number, and a file of it that may trickle. */
import type { ServerResponse } from 'node:http';
import { ALPINE, type World } from '../e2e/world.ts';

const FIRST = 1000;
/** Of the images. */
const RELEASE = `v${/VERSION_ID=(\d+\.\d+)/.exec(String(ALPINE['etc/os-release']))![1]}`;

/** The vulnerability of version `n`: it replaces that of the version before. */
export const vulnerabilityOf = (version: number): string => `CVE-2099-${FIRST + version}`;
export const versionOf = (name: string): number => Number(/^CVE-2099-(\d+)$/.exec(name)?.[1]) - FIRST;

export interface Upstream {
  /** Of what is served now. */
  version: number;
  /** Whether a file of it comes a byte a second. */
  trickles: boolean;
}

export function serveNews(world: World): Upstream {
  const upstream = { version: 0, trickles: false };
  const main = (): string =>
    JSON.stringify({
      distroversion: RELEASE,
      reponame: 'main',
      packages: [{ pkg: { name: 'teapot', secfixes: { '1.1-r0': [vulnerabilityOf(upstream.version)] } } }],
    });
  world.intercept = (path, response) => {
    if (path === '/secdb/v3.19/main.json') {
      if (upstream.trickles) trickle(response);
      else response.writeHead(200).end(JSON.stringify({ packages: [] }));
      return true;
    }
    const body = {
      '/secdb/last-update': `${upstream.version}\n`,
      [`/secdb/${RELEASE}/main.json`]: main(),
    }[path];
    if (body === undefined) return false;
    response.writeHead(200, { etag: `"${upstream.version}"` }).end(body);
    return true;
  };
  return upstream;
}

function trickle(response: ServerResponse): void {
  response.writeHead(200, { 'content-length': '100000' });
  const timer = setInterval(() => response.write(' '), 1000);
  response.on('close', () => clearInterval(timer));
}
