/** prometheus(1) with the alerts that we ship, asked by its API. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { freePort } from '../conformance/service.ts';
import { ROOT } from '../imports.ts';

/** A series of an answer. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

/** Running until disposed. */
export interface Prometheus extends AsyncDisposable {
  query(expression: string): Promise<readonly Series[]>;
  /** Of every rule: its name, and what is wrong with it. */
  rules(): Promise<
    readonly { readonly name: string; readonly health: string; readonly lastError?: string }[]
  >;
}

export const hasPrometheus = spawnSync('prometheus', ['--version']).status === 0;

/** deploy/compose/prometheus.yaml, with these `host:port` in place of names that containers have, and more often. */
export async function startPrometheus(folder: string, targets: readonly string[]): Promise<Prometheus> {
  const config = parse(readFileSync(join(ROOT, 'deploy/compose/prometheus.yaml'), 'utf8'));
  config.global = { scrape_interval: '1s', evaluation_interval: '1s' };
  config.rule_files = [join(ROOT, 'deploy/helm/clair/files/alerts.yaml')];
  const [{ dns_sd_configs: _, ...job }] = config.scrape_configs;
  config.scrape_configs = [{ ...job, static_configs: [{ targets }] }];
  const file = join(folder, 'prometheus.yaml');
  writeFileSync(file, stringify(config));
  const host = `127.0.0.1:${await freePort()}`;
  const child = spawn(
    'prometheus',
    [`--config.file=${file}`, `--storage.tsdb.path=${join(folder, 'tsdb')}`, `--web.listen-address=${host}`],
    { stdio: 'ignore' },
  );
  const ended = once(child, 'exit');
  const ask = async (path: string) => {
    const answer = await fetch(`http://${host}/api/v1/${path}`);
    const { data, error } = (await answer.json()) as { data?: unknown; error?: string };
    if (data === undefined) throw new Error(`${path}: ${error}`);
    // biome-ignore lint/suspicious/noExplicitAny: as its documents say
    return data as any;
  };
  return {
    query: async (expression) => (await ask(`query?query=${encodeURIComponent(expression)}`)).result,
    rules: async () => (await ask('rules')).groups.flatMap(({ rules }: { rules: object[] }) => rules),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
