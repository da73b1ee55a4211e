/** For tests: the routes of index reports, with an indexer that knows one manifest. */
import { createServer } from '../../http/server.ts';
import { createSlots } from '../../http/slots.ts';
import { noLog } from '../../lib/log.ts';
import type { Digest } from '../../model/digest.ts';
import type { Manifest } from '../../model/manifest.ts';
import type { Indexer } from '../indexer.ts';
import type { JobStatus } from '../jobs/job.ts';
import { type IndexReportParts, indexReportRoutes } from './index-report.ts';
import { type SubmitParts, submitManifestRoutes } from './submit-manifest.ts';

export const PREFIX = '/indexer/api/v1';
export const PATH = `${PREFIX}/index_report`;
export const TYPE = 'application/vnd.clair.index_report.v1+json';
export const STATE = 'd41d8cd98f00b204e9800998ecf8427e';
export const ETAG = `"${STATE}"`;
const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;
export const [KNOWN, FAILED, UNKNOWN] = [digest('a'), digest('f'), digest('b')];
export const REPORT = '{"state":"IndexFinished"}';
export const layer = { hash: KNOWN, uri: 'http://127.0.0.1/layer', headers: {} };
export const manifest = { hash: KNOWN, layers: [layer] };

export const jobOf = (hash: Digest, more: Partial<JobStatus> = {}): JobStatus => ({
  manifest: hash,
  running: false,
  submitted: new Date(0),
  attempts: 0,
  error: undefined,
  layersTotal: 1,
  layersDone: 0,
  bytes: 0,
  ...more,
});

export function app(index: Indexer['index'] = async () => REPORT, { limit = -1, timeout = 60_000 } = {}) {
  const server = createServer({ log: noLog });
  const stop = new AbortController();
  const indexed: Manifest[] = [];
  const indexer: Pick<Indexer, 'state' | 'index' | 'report' | 'delete'> = {
    state: STATE,
    index: (manifest, options) => {
      indexed.push(manifest);
      return index(manifest, options);
    },
    report: async (hash) => {
      if (hash === KNOWN) return { json: async () => REPORT, state: 'IndexFinished', current: true };
      if (hash === FAILED)
        return { json: async () => '{"state":"IndexError"}', state: 'IndexError', current: false };
      return undefined;
    },
    delete: async (digests) => digests.filter((hash) => hash === KNOWN),
  };
  const jobs = new Map<string, JobStatus>();
  const parts: SubmitParts & IndexReportParts = {
    indexer,
    slots: createSlots(limit),
    timeout,
    stopping: stop.signal,
    jobs: {
      submit: async ({ hash }) => void jobs.set(hash, jobOf(hash)),
      status: async (hash) => jobs.get(hash),
      cancel: async (digests) => {
        for (const digest of digests) jobs.delete(digest);
      },
    },
  };
  submitManifestRoutes(server, parts);
  indexReportRoutes(server, parts);
  const ask = (method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE' | 'OPTIONS', url: string, more = {}) =>
    server.inject({ method, url, ...more });
  const post = (body: unknown, headers = {}) =>
    ask('POST', PATH, { body: typeof body === 'string' ? body : JSON.stringify(body), headers });
  return { server, stop, indexed, jobs, ask, post };
}

export const LINKS = [
  `<${PATH}/${KNOWN}>; rel="https://projectquay.io/clair/v1/index_report"`,
  `</matcher/api/v1/vulnerability_report/${KNOWN}>; rel="https://projectquay.io/clair/v1/vulnerability_report"`,
];
