/** A service with the recorded feeds and images, which are served on loopback. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { RECORDED_ADDRESS } from '../test/conformance/corpus.ts';
import { rewriteConfig } from '../test/conformance/service.ts';
import type { BenchConfig, BenchService } from './service.ts';

const UPDATE_MS = 900_000;

/** Throws if `feeds` is no folder of recordings. */
export function requireRecordings(feeds: string): void {
  if (!existsSync(join(feeds, 'feeds')))
    throw new Error(`no feeds in ${feeds}: --feeds wants a folder with feeds/, images/ and clair.yaml`);
}

/** The recorded configuration with its upstreams at `upstream`. */
export function recordedConfig(feeds: string, upstream: string): BenchConfig {
  const recorded = readFileSync(join(feeds, 'clair.yaml'), 'utf8');
  const places = { upstream, epss: undefined, dsn: '', port: 0, introspection: 0 };
  return parse(rewriteConfig(recorded, places)) as BenchConfig;
}

/** The manifest of a recorded image; undefined: there is none of that name. */
export function recordedManifest(
  feeds: string,
  name: string,
  upstream: string,
): { readonly hash: string } | undefined {
  const file = join(feeds, 'images', name, 'manifest.json');
  if (!existsSync(file)) return undefined;
  return JSON.parse(readFileSync(file, 'utf8').replaceAll(RECORDED_ADDRESS, upstream)) as { hash: string };
}

/** Waits for the end of the first update of all feeds, which the service logs. Throws with its log if it fails. */
export async function updated(service: BenchService): Promise<void> {
  for (const deadline = Date.now() + UPDATE_MS; Date.now() < deadline; await sleep(50)) {
    const log = service.log();
    if (log.includes('update of the feeds failed'))
      throw new Error(`the feeds were not loaded:\n${log.slice(-4000)}`);
    if (log.includes('feeds updated')) return;
  }
  throw new Error(`the feeds were not loaded in ${UPDATE_MS / 1000} s:\n${service.log().slice(-4000)}`);
}
