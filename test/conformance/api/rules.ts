/** What our API does otherwise than Clair's, on purpose. Each rule looks at the exchange, never at the name of a case. */
import type { ApiDifference } from './judge.ts';
import type { Answer, Recorded } from './recorded.ts';

/** Both answers to one request. */
export interface Exchange {
  readonly recorded: Recorded;
  readonly golden: Answer;
  readonly ours: Answer;
}

export interface ApiRule {
  readonly id: string;
  readonly reason: string;
  readonly explains: (difference: ApiDifference, exchange: Exchange) => boolean;
}

const headerOf = ({ recorded }: Exchange, name: string): string | undefined =>
  Object.entries(recorded.request.headers).find(([key]) => key.toLowerCase() === name)?.[1];

/** The whole exchange has another outcome; so have its headers and its body. */
const outcome =
  (
    golden: number,
    ours: number,
    condition: (exchange: Exchange) => boolean = () => true,
  ): ApiRule['explains'] =>
  (_, exchange) =>
    exchange.golden.status === golden && exchange.ours.status === ours && condition(exchange);

const asksFor = (path: RegExp, method?: string) => (exchange: Exchange) =>
  path.test(exchange.recorded.request.path) &&
  (method ?? exchange.recorded.request.method) === exchange.recorded.request.method;

const bodyOf = ({ recorded }: Exchange): string => recorded.request.body ?? '';

/** The rules. */
export const API_RULES: readonly ApiRule[] = [
  {
    id: 'head',
    reason: 'HEAD is answered where GET is (clair-service.md#content-negotiation)',
    explains: (difference, exchange) =>
      exchange.recorded.request.method === 'HEAD' &&
      exchange.golden.status === 405 &&
      (exchange.ours.status === 200 || (exchange.ours.status === 404 && difference.what !== 'complete')),
  },
  {
    id: 'if-none-match-list',
    reason: 'lists and * in If-None-Match count (RFC 9110 §13.1.2; clair-service.md#content-negotiation)',
    explains: outcome(200, 304, (exchange) => /,|^\*$/.test(headerOf(exchange, 'if-none-match') ?? '')),
  },
  {
    id: 'accept-nothing',
    reason:
      'what no media type of ours is matched by is 415, also nonsense and q=0 (clair-service.md#content-negotiation)',
    explains: (_, exchange) =>
      exchange.ours.status === 415 &&
      [200, 500].includes(exchange.golden.status) &&
      !/\*|^[\w.+/-]+$/.test(headerOf(exchange, 'accept')?.replace(/^[^/]*$/, '?') ?? '*'),
  },
  {
    id: 'accept-empty',
    reason: 'an empty Accept is as good as none (RFC 9110 §12.5.1)',
    explains: outcome(400, 200, (exchange) => headerOf(exchange, 'accept') === ''),
  },
  {
    id: 'content-type',
    reason: 'the type says what it is, where Clair lets Go guess (clair-service.md#types-of-answers)',
    explains: ({ what }, { golden, ours }) =>
      what === 'content-type' &&
      golden.status === ours.status &&
      ['text/plain; charset=utf-8', undefined].includes(golden.headers.get('content-type')?.[0]) &&
      typeof golden.body !== 'string' &&
      /json$/.test(ours.headers.get('content-type')?.[0] ?? ''),
  },
  {
    id: 'later-is-not-stored',
    reason: 'that a report is too early is no answer to keep (RFC 9111 §5.2.2.5)',
    explains: ({ what }, { golden, ours }) =>
      what === 'cache-control' &&
      [golden.status, ours.status].every((status) => status === 202) &&
      ours.body === '' &&
      ours.headers.get(what)?.[0] === 'no-store',
  },
  {
    id: 'content-type-empty',
    reason: 'an answer without content has no type',
    explains: ({ what }, { ours }) =>
      what === 'content-type' && ours.body === '' && !ours.headers.has('content-type'),
  },
  {
    id: 'small-content',
    reason: 'content of less than a packet is not compressed',
    explains: ({ what }, { golden, ours }) =>
      what === 'content-encoding' &&
      golden.headers.has(what) &&
      !ours.headers.has(what) &&
      JSON.stringify(ours.body).length < 1100,
  },
  {
    id: 'better-coding',
    reason: 'of codings that a client likes as much it gets the best (clair-service.md#content-negotiation)',
    explains: ({ what, ours }, exchange) =>
      what === 'content-encoding' && ours === '["zstd"]' && headerOf(exchange, 'accept-encoding') === '*',
  },
  {
    id: 'accept-encoding',
    reason: 'Accept-Encoding in an answer is about requests (RFC 9110 §12.5.3)',
    explains: ({ what, ours }) => what === 'accept-encoding' && ours === 'none',
  },
  {
    id: 'compressed-request',
    reason: 'content of requests may be compressed',
    explains: outcome(400, 201, (exchange) => headerOf(exchange, 'content-encoding') === 'gzip'),
  },
  {
    id: 'trailing-garbage',
    reason: 'what goes on after its end is no JSON (RFC 8259 §2): nobody can tell what it was to be',
    explains: outcome(201, 400, (exchange) => /^\s*\{.*\}\s*[^\s}]+\s*$/s.test(bodyOf(exchange))),
  },
  {
    id: 'manifest-without-digest',
    reason:
      'a layer without a digest is a bad manifest, and nothing is broken (clair-service.md#faults-of-the-client)',
    explains: outcome(500, 400, (exchange) => {
      const { layers = [] } = JSON.parse(bodyOf(exchange)) as { layers?: { hash?: string }[] };
      return layers.some(({ hash }) => hash === undefined);
    }),
  },
  {
    id: 'layer-refused',
    reason:
      'a layer that its server refuses is no failure of the indexer (clair-service.md#faults-of-the-client)',
    explains: outcome(500, 422, asksFor(/index_report$/, 'POST')),
  },
  {
    id: 'unknown-is-not-fresh',
    reason:
      'a manifest that it has not is 404, whatever the client has (clair-service.md#answers-about-index-reports)',
    explains: outcome(304, 404, asksFor(/index_report\//, 'GET')),
  },
  {
    id: 'unknown-notification',
    reason: 'a notification that there is not is 404, and no empty page (clair-service.md#unknown-ids)',
    explains: outcome(200, 404, asksFor(/notification\/[0-9a-f-]{36}$/, 'GET')),
  },
  {
    id: 'failed-report-has-no-etag',
    reason:
      'a report that failed is another one when it is tried again (clair-service.md#answers-about-index-reports)',
    explains: ({ what, ours }, exchange) =>
      what === 'etag' &&
      ours === 'none' &&
      (exchange.ours.body as { state?: string } | null)?.state === 'IndexError',
  },
  {
    id: 'report-etag',
    reason: 'a vulnerability report has an ETag',
    explains: ({ what, golden }, exchange) =>
      what === 'etag' && golden === 'none' && asksFor(/vulnerability_report\//)(exchange),
  },
  {
    id: 'etag-with-304',
    reason: '304 has the ETag that 200 would have (RFC 9110 §15.4.5)',
    explains: ({ what, golden }, exchange) =>
      what === 'etag' && golden === 'none' && exchange.ours.status === 304,
  },
  {
    id: 'openapi-etag',
    reason: 'the document is our own, and its tag is weak: it is of JSON and YAML',
    explains: ({ what }, exchange) => what === 'etag' && asksFor(/^\/openapi/)(exchange),
  },
  {
    id: 'redirect-page',
    reason: 'a redirect needs no page',
    explains: ({ what }, exchange) => exchange.ours.status === 307 && /^(content-type|body is)$/.test(what),
  },
  {
    id: 'our-words',
    reason: 'messages are for people, and in our words; what programs look at is the code',
    explains: ({ what }, { golden, ours }) => what === 'body message' && golden.status === ours.status,
  },
  {
    id: 'slots-for-creation-only',
    reason: 'only creating index reports takes slots (clair-service.md#concurrent-index-requests)',
    explains: outcome(429, 200),
  },
  {
    id: 'refused-whole',
    reason: 'who finds no slot gets a whole answer (clair-service.md#concurrent-index-requests)',
    explains: ({ what, golden }, exchange) =>
      what === 'complete' && golden === 'false' && exchange.ours.status === 429,
  },
  {
    id: 'leeway',
    reason: 'clocks may differ by a few seconds (RFC 7519 §4.1.4)',
    explains: outcome(401, 200, (exchange) => {
      const payload = headerOf(exchange, 'authorization')?.split('.')[1] ?? '';
      const { exp, nbf, iat } = JSON.parse(Buffer.from(payload, 'base64url').toString() || '{}') as Record<
        string,
        number
      >;
      const at = Date.parse(exchange.recorded.headers.find(([name]) => name === 'Date')?.[1] ?? '') / 1000;
      return [at - (exp ?? at), (nbf ?? at) - at, (iat ?? at) - at].every((late) => late <= 15);
    }),
  },
  {
    id: 'metrics-type',
    reason: 'the text format of metrics, without saying how names are escaped: none of ours has to be',
    explains: ({ what }, exchange) =>
      what === 'content-type' &&
      asksFor(/^\/metrics/)(exchange) &&
      exchange.ours.headers.get(what)?.[0] === 'text/plain; version=0.0.4; charset=utf-8',
  },
  {
    id: 'introspection-methods',
    reason: 'the introspection address answers GET and HEAD only',
    explains: outcome(200, 405, asksFor(/^\/(healthz|readyz|metrics)/, 'POST')),
  },
];
