/** A stand-in for Docker's and Podman's socket: the two requests of the Docker Engine API, for images of the tests. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface EngineContent {
  /** What `/images/NAME/json` answers. */
  readonly inspect: object;
  readonly archive: Buffer;
}

export interface TestEngine extends AsyncDisposable {
  /** `unix:///…` or `tcp://127.0.0.1:PORT`. */
  readonly host: string;
  /** By name and by id. */
  readonly images: Map<string, EngineContent>;
  readonly seen: string[];
  /** Answers itself; true: it did. */
  special: (path: string, response: ServerResponse) => boolean;
}

/** Listens at the socket `path`, or on a free port. */
export async function startEngine(path?: string): Promise<TestEngine> {
  const images = new Map<string, EngineContent>();
  const seen: string[] = [];
  const engine = {
    images,
    seen,
    special: (() => false) as TestEngine['special'],
  };
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const { url = '' } = request;
    seen.push(url);
    if (engine.special(url, response)) return;
    const [, name = '', what] = /^\/images\/(.+)\/(json|get)$/.exec(url) ?? [];
    const found = images.get(decodeURIComponent(name));
    if (found === undefined) {
      response.writeHead(404, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ message: `No such image: ${name}` }));
    } else if (what === 'json') response.end(JSON.stringify(found.inspect));
    else response.writeHead(200, { 'content-type': 'application/x-tar' }).end(found.archive);
  };
  const server: Server = createServer(answer);
  await new Promise<void>((done) => (path ? server.listen(path, done) : server.listen(0, '127.0.0.1', done)));
  const host = path ? `unix://${path}` : `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(engine, {
    host,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  });
}
