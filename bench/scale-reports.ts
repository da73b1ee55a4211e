/** How fast the service answers: one report after the other, and several clients at once; written anew, and known. */
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { Agent, get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { RECORDED_ADDRESS } from '../test/conformance/corpus.ts';
import { type CorpusServer, serveCorpus } from '../test/conformance/corpus-server.ts';
import type { Report } from './figures.ts';
import { quantile } from './measure.ts';
import { type BenchService, postManifest } from './service.ts';

const IMAGES = ['debian12-multi', 'rhel8-user-layer'];
/** The same image under so many digests: more than the service keeps reports of. */
const COPIES = 40;
const ROUNDS = 20;
const CLIENTS = 8;
const LOAD_MS = 10_000;

/** An image by the digests of its manifests. */
export interface IndexedImage {
  readonly name: string;
  readonly digests: readonly string[];
}

/** Serves the recorded images; undefined where there are none. */
export async function serveImages(corpus: string): Promise<CorpusServer | undefined> {
  return existsSync(join(corpus, 'images')) ? await serveCorpus(corpus) : undefined;
}

/** For `indexer.scanner`: where what it looks up itself is served. */
export function scannerConfig({ address }: CorpusServer): object {
  const at = (name: string) => `${address}/security.access.redhat.com/data/metrics/${name}.json`;
  return {
    package: {
      java: { disable_api: true },
      rhel_containerscanner: { name2repos_mapping_url: at('container-name-repos-map') },
    },
    repo: { 'rhel-repository-scanner': { repo2cpe_mapping_url: at('repository-to-cpe') } },
  };
}

/** Indexes the images of `corpus` that are measured. */
export async function indexImages(
  { address }: BenchService,
  corpus: string,
  blobs: CorpusServer,
): Promise<IndexedImage[]> {
  const images = IMAGES.filter((name) => existsSync(join(corpus, 'images', name, 'manifest.json')));
  const indexed: IndexedImage[] = [];
  for (const name of images) {
    const text = readFileSync(join(corpus, 'images', name, 'manifest.json'), 'utf8');
    const manifest = JSON.parse(text.replaceAll(RECORDED_ADDRESS, blobs.address)) as { hash: string };
    const digests = Array.from({ length: COPIES }, (_, n) => manifest.hash.slice(0, -4) + String(1000 + n));
    for (const hash of digests) await postManifest(address, { ...manifest, hash });
    indexed.push({ name, digests });
  }
  return indexed;
}

/** One report after the other, each written anew. `after` names what came before, `cpu` gives what was spent so far. */
export async function measureAnew(
  report: Report,
  service: BenchService,
  images: readonly IndexedImage[],
  { after, cpu }: { readonly after: string; readonly cpu: () => number },
): Promise<void> {
  for (const { name, digests } of images) {
    const times: number[] = [];
    const before = cpu();
    for (const digest of digests.slice(0, ROUNDS)) times.push((await fetchReport(service, digest)).ms);
    report(`${name}_${after}_cpu`, ((cpu() - before) * 1000) / ROUNDS, 'ms');
    report(`${name}_${after}_best`, Math.min(...times), 'ms');
    report(`${name}_${after}_first`, times[0]!, 'ms');
    report(`${name}_${after}_p50`, quantile(times, 0.5), 'ms');
  }
}

/** Several clients at once, and reports that are known. */
export async function measureLoad(
  report: Report,
  service: BenchService,
  images: readonly IndexedImage[],
  cpu: () => number,
): Promise<void> {
  for (const { name, digests } of images) {
    report(`${name}_vulnerabilities`, await countVulnerabilities(service, digests[0]!), '');
    report(`${name}_bytes`, (await fetchReport(service, digests[0]!)).bytes, '');
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) times.push((await fetchReport(service, digests[0]!)).ms);
    report(`${name}_cached_p50`, quantile(times, 0.5), 'ms');
    await underLoad(report, service, { name: `${name}_anew`, digests, cpu });
    await underLoad(report, service, { name: `${name}_cached`, digests: digests.slice(0, 1), cpu });
  }
}

interface Load {
  readonly name: string;
  /** Asked for in turn. */
  readonly digests: readonly string[];
  /** Seconds of processor time that the service and its database have used. */
  readonly cpu: () => number;
}

async function underLoad(report: Report, service: BenchService, { name, digests, cpu }: Load): Promise<void> {
  const times: number[] = [];
  const start = performance.now();
  const before = cpu();
  let next = 0;
  const client = async (): Promise<void> => {
    while (performance.now() - start < LOAD_MS) {
      times.push((await fetchReport(service, digests[next++ % digests.length]!)).ms);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  const seconds = (performance.now() - start) / 1000;
  report(`${name}_${CLIENTS}_clients`, times.length / seconds, '/s');
  report(`${name}_${CLIENTS}_clients_p50`, quantile(times, 0.5), 'ms');
  report(`${name}_${CLIENTS}_clients_p99`, quantile(times, 0.99), 'ms');
  report(`${name}_${CLIENTS}_clients_cpu`, ((cpu() - before) * 1000) / times.length, 'ms a report');
}

const agent = new Agent({ keepAlive: true });

/** What comes is dropped unless it is to be kept: the clients share the processors with the service. */
async function fetchReport(
  { address }: BenchService,
  digest: string,
  kept?: Buffer[],
): Promise<{ ms: number; bytes: number }> {
  const start = performance.now();
  const request = get(`${address}/matcher/api/v1/vulnerability_report/${digest}`, { agent });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    kept?.push(chunk);
  });
  await once(response, 'end');
  const ms = performance.now() - start;
  if (response.statusCode !== 200) throw new Error(`vulnerability_report answered ${response.statusCode}`);
  return { ms, bytes };
}

async function countVulnerabilities(service: BenchService, digest: string): Promise<number> {
  const body: Buffer[] = [];
  await fetchReport(service, digest, body);
  const { vulnerabilities } = JSON.parse(Buffer.concat(body).toString()) as { vulnerabilities: object };
  return Object.keys(vulnerabilities).length;
}
