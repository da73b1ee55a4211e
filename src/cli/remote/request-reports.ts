/** From names of images to the reports of a running Clair (clair-service.md#reports-of-a-server). */

import { AppError } from '../../errors.ts';
import type { RegistryFlags } from '../../image/open-target.ts';
import { parseReference, type Reference, showReference } from '../../image/registry/reference.ts';
import {
  locateImage,
  type RegistryImage,
  type RegistryOptions,
  readRegistry,
} from '../../image/registry/registry.ts';
import { readHistory } from '../../image/target/layer-history.ts';
import type { ScannerConfig } from '../../indexer/resolve-detections.ts';
import { counted } from '../../lib/counted.ts';
import type { Log } from '../../lib/log.ts';
import type { Digest } from '../../model/digest.ts';
import { MAX_INSTRUCTION } from '../../model/instruction.ts';
import type { Manifest } from '../../model/manifest.ts';
import type { Progress } from '../terminal/progress.ts';
import { type ClairApi, NotIndexed } from './clair-api.ts';
import { PLATFORM } from './report-options.ts';

export interface RequestOptions {
  readonly api: ClairApi;
  readonly registry: RegistryFlags;
  readonly platform?: string;
  /** `indexer.scanner` of the server's configuration, for what is read here. */
  readonly scanner?: ScannerConfig | undefined;
  readonly keepGoing: boolean;
  readonly novel: boolean;
  /** undefined: where the server cannot fetch the image. */
  readonly local?: boolean;
  readonly log: Log;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** What became of one image. */
export interface ServiceReport {
  /** As it was given. */
  readonly reference: string;
  /** undefined: it has none that is known. */
  readonly digest?: Digest;
  /** JSON of a VulnerabilityReport. */
  readonly json?: string;
  /** Why there is no report. */
  readonly error?: AppError;
}

const PARALLEL = 4;
/** As other tools write the name of an image in a registry. */
const DOCKER = /^docker:\/\//;
/** What `scan` knows as local; a path has to look like one, as `a/b` may be in a registry. */
const LOCAL = /^(?:dir|oci|oci-archive|docker-archive|sbom):|^(?:\.{0,2}\/|~)/;

/** The reports, in the order of `references`. Without `keepGoing` the first failure is all that comes. */
// differs: failures are printed with the reports that exist, where Clair prints none; their order is that of the
// arguments (clair-service.md#reports-of-a-server)
export async function requestReports(
  references: readonly string[],
  options: RequestOptions,
): Promise<readonly ServiceReport[]> {
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const results = new Map<number, ServiceReport>();
  const waiting = references.entries();
  // The workers share one iterator: each takes the next image when it is done with its last.
  const worker = async (): Promise<void> => {
    for (const [index, reference] of waiting) {
      if (stop.signal.aborted) return;
      const report = await requestReport(reference, { ...options, signal });
      if (stop.signal.aborted) return; // its failure is that of another one
      results.set(index, report);
      if (report.error !== undefined && !options.keepGoing) stop.abort(report.error);
    }
  };
  const stopped = new Promise((resolve) => {
    stop.signal.addEventListener('abort', resolve, { once: true });
  });
  // Nobody waits for an image that takes long once it is known that there will be no output.
  await Promise.race([Promise.all(Array.from({ length: PARALLEL }, worker)), stopped]);
  options.signal.throwIfAborted();
  return [...results].sort(([a], [b]) => a - b).map(([, report]) => report);
}

async function requestReport(reference: string, options: RequestOptions): Promise<ServiceReport> {
  const { log } = options;
  let digest: Digest | undefined;
  const known = (found: Digest): void => {
    digest = found;
  };
  try {
    log.debug('fetching', { ref: reference });
    const json = await (LOCAL.test(reference)
      ? reportOfFindings(reference, options, known)
      : reportOfImage(reference, options, known));
    log.debug('got report', { ref: reference, digest });
    return { reference, ...(digest && { digest }), json };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    log.debug('no report', { ref: reference, reason: error.message });
    return { reference, ...(digest && { digest }), error };
  }
}

async function reportOfImage(
  reference: string,
  options: RequestOptions,
  known: (digest: Digest) => void,
): Promise<string> {
  const { api, log, novel, local, progress } = options;
  progress.show(`${reference}: reading the manifest …`);
  await using image = await locateImage(referenceOf(reference), accessOf(options));
  const { manifest } = image;
  known(manifest.hash);
  log.debug('found manifest', { ref: reference, digest: manifest.hash, layers: manifest.layers.length });
  // The same image again, whatever is under its tag meanwhile.
  const pinned = showReference({ ...referenceOf(reference), digest: manifest.hash });
  if (local === true) return await reportOfFindings(pinned, options, known);
  const { status } = await api.indexReport(manifest.hash, '');
  log.debug('index report requested', { ref: reference, status });
  if (status === 'unknown' || !novel) {
    progress.show(`${reference}: Clair is indexing ${counted(manifest.layers.length, 'layer')} …`);
    try {
      await api.index(manifest);
      await tellName(reference, image, options);
    } catch (error) {
      if (local === false || !(error instanceof NotIndexed) || !isUnreachable(error)) throw error;
      progress.note(`${reference}: ${error.message}; indexing the image on this machine`);
      return await reportOfFindings(pinned, options, known, error);
    }
  }
  return await api.vulnerabilityReport(manifest.hash);
}

/** Sends the image's name and the instructions that made its layers, for the console: a report does not depend on them. */
async function tellName(
  reference: string,
  image: RegistryImage,
  { api, log }: Pick<RequestOptions, 'api' | 'log'>,
): Promise<void> {
  const { digest: _, ...named } = referenceOf(reference);
  try {
    const instructions = await instructionsOf(image, log);
    const taken = await api.name(image.manifest.hash, [showReference(named)], instructions);
    log.debug('name sent', { ref: reference, taken, instructions: instructions.length });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    log.debug('name not sent', { ref: reference, reason: error.message });
  }
}

/** Returns the instruction of each layer, base first; [] if the image does not say, or its config cannot be read. */
async function instructionsOf({ manifest, config: read }: RegistryImage, log: Log): Promise<string[]> {
  try {
    const config = await read();
    const history = config === undefined ? [] : readHistory(config, manifest.layers.length);
    return history.map((instruction) => instruction.slice(0, MAX_INSTRUCTION));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    log.debug('instructions not read', { digest: manifest.hash, reason: error.message });
    return [];
  }
}

const referenceOf = (name: string): Reference => parseReference(name.replace(DOCKER, ''));

/** The manifest for a server that fetches the layers. Throws `bad-target`. */
export async function manifestOf(
  reference: string,
  options: Pick<RequestOptions, 'registry' | 'platform' | 'signal'>,
): Promise<Manifest> {
  return await readRegistry(referenceOf(reference), accessOf(options));
}

function accessOf({
  registry,
  platform,
  signal,
}: Pick<RequestOptions, 'registry' | 'platform' | 'signal'>): RegistryOptions {
  return {
    insecure: false,
    ...registry,
    ...(platform !== undefined && { platform }),
    defaultPlatform: PLATFORM,
    signal,
    env: process.env,
  };
}

/** The layers do not reach the server, whatever is in them. */
function isUnreachable({ status, message }: NotIndexed): boolean {
  return status === 422 || /failed to fetch layers/.test(message);
}

/** `before`: what the server said of the manifest. */
async function reportOfFindings(
  reference: string,
  { api, registry, platform, scanner, progress, signal }: RequestOptions,
  known: (digest: Digest) => void,
  before?: NotIndexed,
): Promise<string> {
  // Imported only now: it brings all detectors.
  const { indexHere } = await import('../scan/index-here.ts');
  const { digest, json } = await indexHere(reference, {
    registry,
    ...(platform !== undefined && { platform }),
    scanner,
    progress,
    signal,
  });
  known(digest);
  try {
    return await api.matchReport(json);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const advice = 'the index report could not be sent instead';
    throw before === undefined
      ? error
      : new AppError('service', `${before.message}; ${advice}: ${error.message}`);
  }
}
