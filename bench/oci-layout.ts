/** The layers of an OCI image layout, and a server for them. */
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export interface Layout {
  readonly folder: string;
  readonly digest: string;
  readonly layers: readonly { readonly digest: string; readonly path: string; readonly size: number }[];
}

interface Descriptor {
  readonly digest: string;
  readonly size: number;
}

/** Reads the only image of the layout at `folder`. */
export function readLayout(folder: string): Layout {
  const read = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Record<string, Descriptor[]>;
  const blob = (digest: string) => join(folder, 'blobs', ...digest.split(':'));
  const { digest } = read(join(folder, 'index.json')).manifests![0]!;
  const layers = read(blob(digest)).layers!.map((layer) => ({ ...layer, path: blob(layer.digest) }));
  return { folder, digest, layers };
}

/** A manifest whose layers are served on loopback until disposed. */
export async function serveLayout(layout: Layout): Promise<{ readonly manifest: object } & AsyncDisposable> {
  const server = createServer((request, response) => {
    const layer = layout.layers.find(({ digest }) => request.url === `/${digest}`);
    if (layer === undefined) return void response.writeHead(404).end();
    response.writeHead(200, {
      'content-type': 'application/octet-stream',
      'content-length': statSync(layer.path).size,
    });
    createReadStream(layer.path, { highWaterMark: 1 << 18 }).pipe(response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    manifest: {
      hash: layout.digest,
      layers: layout.layers.map(({ digest }) => ({
        hash: digest,
        uri: `http://127.0.0.1:${port}/${digest}`,
        headers: {},
      })),
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
