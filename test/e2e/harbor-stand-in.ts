/**
 * Harbor as its scanner sees it: it follows goharbor/pluggable-scanner-spec 1.2 to the letter (requests, statuses, media types), and
 * like Harbor it asks for each image of an index that the scanner cannot scan as a whole.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

const SPEC = {
  metadata: 'application/vnd.scanner.adapter.metadata+json; version=1.1',
  request: 'application/vnd.scanner.adapter.scan.request+json; version=1.1',
  response: 'application/vnd.scanner.adapter.scan.response+json; version=1.0',
  error: 'application/vnd.scanner.adapter.error+json; version=1.0',
} as const;

export const GENERIC = 'application/vnd.security.vulnerability.report; version=1.1';
export const NATIVE = 'application/vnd.scanner.adapter.vuln.report.harbor+json; version=1.0';
export const RAW = 'application/vnd.scanner.adapter.vuln.report.raw';
export const SBOM = 'application/vnd.security.sbom.report+json; version=1.0';
export const SPDX = 'application/spdx+json';
export const CYCLONEDX = 'application/vnd.cyclonedx+json';

// biome-ignore lint/suspicious/noExplicitAny: answers are read as a client without types would
export type Json = any;

export interface HarborAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** undefined: there is none. */
  readonly json: Json;
}

export interface Artifact {
  readonly repository: string;
  readonly digest: string;
  readonly tag?: string;
  readonly mime_type: string;
}

export interface HarborOptions {
  /** As it was entered where the scanner was registered; Harbor adds `/api/v1`. */
  readonly url: string;
  /** Header of each request. */
  readonly authorization: string;
  /** Of the scan requests. */
  readonly registry: { readonly url: string; readonly authorization: string };
  readonly insecureKinds?: readonly string[];
}

const POLLS_MS = 60_000;

export class HarborStandIn {
  readonly #options: HarborOptions;
  /** Answers of 302 so far. */
  refreshes = 0;

  constructor(options: HarborOptions) {
    this.#options = options;
  }

  async ask(
    path: string,
    init: RequestInit & { headers?: Record<string, string> } = {},
  ): Promise<HarborAnswer> {
    const { url, authorization } = this.#options;
    const answer = await fetch(`${url}/api/v1${path}`, {
      ...init,
      redirect: 'manual',
      headers: { authorization, ...init.headers },
      signal: AbortSignal.timeout(5_000), // that of Harbor's own client
    });
    const text = await answer.text();
    // A load balancer's own page, while a replica is away.
    if ([502, 503, 504].includes(answer.status))
      return { status: answer.status, headers: answer.headers, json: text };
    const json = text === '' ? undefined : JSON.parse(text);
    if (answer.status >= 400 && text !== '') {
      assert.equal(answer.headers.get('content-type'), SPEC.error);
      assert.equal(typeof json.error.message, 'string');
    }
    return { status: answer.status, headers: answer.headers, json };
  }

  /** The metadata, checked as Harbor checks it. */
  async metadata(): Promise<Json> {
    const { status, headers, json } = await this.ask('/metadata', { headers: { accept: SPEC.metadata } });
    assert.deepEqual([status, headers.get('content-type')], [200, SPEC.metadata]);
    for (const key of ['name', 'vendor', 'version']) assert.ok(json.scanner[key], key);
    assert.ok(json.capabilities.length > 0);
    for (const { consumes_mime_types: consumes } of json.capabilities)
      assert.ok(consumes.includes('application/vnd.docker.distribution.manifest.v2+json'));
    for (const value of Object.values(json.properties)) assert.equal(typeof value, 'string');
    return json;
  }

  async submit(artifact: Artifact, ...capabilities: readonly string[]): Promise<HarborAnswer> {
    const { registry } = this.#options;
    return await this.ask('/scan', {
      method: 'POST',
      headers: { 'content-type': SPEC.request, accept: SPEC.response },
      body: JSON.stringify({
        registry,
        artifact,
        ...(capabilities.length > 0 && {
          enabled_capabilities: capabilities.map((type) => ({
            type,
            produces_mime_types: null,
            parameters: null,
          })),
        }),
      }),
    });
  }

  /** Gives the id of the scan. */
  async scan(artifact: Artifact, ...capabilities: readonly string[]): Promise<string> {
    const { status, headers, json } = await this.submit(artifact, ...capabilities);
    assert.deepEqual([status, headers.get('content-type')], [202, SPEC.response], JSON.stringify(json));
    assert.equal(typeof json.id, 'string');
    return json.id;
  }

  /** Asks until there is an answer other than 302. */
  async report(id: string, type: string, query = ''): Promise<HarborAnswer> {
    const deadline = Date.now() + POLLS_MS;
    for (;;) {
      const answer = await this.ask(`/scan/${id}/report${query}`, { headers: { accept: type } });
      if ([502, 503, 504].includes(answer.status) && Date.now() < deadline) {
        await sleep(200);
        continue;
      }
      if (answer.status !== 302) {
        if (answer.status === 200) assert.equal(answer.headers.get('content-type'), type);
        return answer;
      }
      this.refreshes++;
      assert.match(answer.headers.get('refresh-after') ?? '', /^[1-9]\d?$/);
      assert.ok(Date.now() < deadline, 'the report took too long');
      await sleep(100); // not as long as it asks for: the test has no time
    }
  }
}
