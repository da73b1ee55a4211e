/** Suite `api-busy`: before there is any feed, and while the only slot for indexing is taken. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { judgeAnswer } from '../api/judge.ts';
import { toOurs, toRecorded } from '../api/names.ts';
import { startOwnService } from '../api/own-service.ts';
import { ask, readRecorded } from '../api/recorded.ts';
import { RECORDED_ADDRESS } from '../corpus.ts';
import type { Suite } from './suite.ts';

const INDEX = '/indexer/api/v1/index_report';

/** Judges an empty and a busy service. */
export const apiBusySuite: Suite = {
  name: 'api-busy',
  async *run(context) {
    const recorded = readRecorded(context.corpus, 'api-202-429');
    if (recorded.length === 0) return;
    await using service = await startOwnService(context, 'clair.yaml', (config) => {
      config.indexer = { ...config.indexer, index_report_request_concurrency: 1 };
    });
    const { state } = (await (await fetch(`${service.address}/indexer/api/v1/index_state`)).json()) as {
      state: string;
    };
    const theirs = recorded.map(({ body }) => (body as { state?: string } | undefined)?.state);
    const names = new Map([[RECORDED_ADDRESS, context.corpusAddress]]);
    for (const each of theirs) if (/^[0-9a-f]{32}$/.test(each ?? '')) names.set(each!, state);

    // One manifest was indexed before, and one never ends.
    const good = recorded.find(({ status }) => status === 201);
    if (good !== undefined) await ask(service.address, toOurs(good, names).request);
    await using slow = await slowStore();
    let busy: Promise<unknown> | undefined;
    for (const each of recorded) {
      if (each.name.endsWith('-while-busy') && busy === undefined) {
        busy = fetch(service.address + INDEX, { method: 'POST', body: slow.manifest });
        await slow.asked;
      }
      if (each.name.endsWith('-after')) {
        slow.end();
        await busy;
      }
      const ours = await ask(service.address, toOurs(each, names).request);
      yield judgeAnswer(each, toRecorded(ours, names));
    }
  },
};

/** A store whose only layer is not sent until it is told to end. */
async function slowStore(): Promise<
  { readonly manifest: string; readonly asked: Promise<unknown>; end(): void } & AsyncDisposable
> {
  const server = createServer();
  const asked = once(server, 'request');
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const hash = `sha256:${'1'.repeat(64)}`;
  return {
    manifest: JSON.stringify({ hash, layers: [{ hash, uri: `http://127.0.0.1:${port}/`, headers: {} }] }),
    asked,
    end: () => void asked.then(([, response]) => response.writeHead(404).end()),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
