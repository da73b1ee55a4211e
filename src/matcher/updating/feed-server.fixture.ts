/** For tests: an upstream on real HTTP that can be made to misbehave, and feeds that ask it. */
import { createReadStream } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Feed, Fetched } from '../../contract/feed.ts';
import { fetchNews } from '../../feeds/fetch-news.ts';
import { jsonMembers } from '../../formats/json/stream.ts';
import type { Advisory, Scope } from '../../model/advisory.ts';
import { advisory, dotted, TOY_1 } from '../matcher.fixture.ts';

/** `{"advisories": [[package, id], …]}` at `url`, streamed as the feeds of apk are. */
export function jsonFeed(name: string, url: string, scopes: readonly Scope[] = [TOY_1]): Feed {
  return {
    name,
    scopes,
    versions: dotted,
    async fetch(fingerprint, _config, context): Promise<Fetched<Advisory> | 'unchanged'> {
      const news = await fetchNews(context, { url, fingerprint, by: 'etag' });
      if (news === 'unchanged') return news;
      const path = await context.spool(news.response.body);
      return { fingerprint: news.fingerprint, records: records(createReadStream(path)) };
    },
  };
  async function* records(body: AsyncIterable<Uint8Array>): AsyncGenerator<Advisory> {
    for await (const { value } of jsonMembers(body, ['advisories'])) {
      const [pkg, id] = value as [string, string];
      yield advisory(pkg, id, { scope: scopes[0]!.key });
    }
  }
}

/** The body of such a feed with `count` advisories. */
export function feedBody(count: number, label = 'p'): string {
  const advisories = Array.from({ length: count }, (_, i) => [`${label}${i}`, `CVE-2020-${1000 + i}`]);
  return JSON.stringify({ advisories });
}

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

export interface FeedServer extends AsyncDisposable {
  readonly base: string;
  /** What was asked, in order: `GET /path`. */
  readonly asked: string[];
  /** By path; what is not there is a 404. */
  readonly answers: Map<string, RequestHandler>;
  /** Answers with a feed, its ETag from its content, and 304 to who has it. */
  serve(path: string, body: string): void;
}

export async function startFeedServer(): Promise<FeedServer> {
  const asked: string[] = [];
  const answers = new Map<string, RequestHandler>();
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const answer = answers.get(request.url ?? '');
    if (answer === undefined) response.writeHead(404).end();
    else answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    answers,
    serve(path, body) {
      const etag = `"${body.length}-${body.slice(-20).replace(/[^a-z0-9-]/gi, '')}"`;
      answers.set(path, (request, response) => {
        if (request.headers['if-none-match'] === etag) response.writeHead(304).end();
        else response.writeHead(200, { etag }).end(body);
      });
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
