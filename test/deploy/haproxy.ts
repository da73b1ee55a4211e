/** haproxy(1) in Traefik's place: the same routing table, checks and retries. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTraefikFile, type TraefikFile } from './traefik-routes.ts';

/** A replica of a service, on the ports that deploy/compose gives it. */
export interface Backend {
  readonly service: string;
  readonly name: string;
  /** An address of this machine's own (127.0.0.0/8). */
  readonly host: string;
}

/** Its configuration. */
export function haproxyConfig(port: number, table: TraefikFile, backends: readonly Backend[]): string {
  const rules = table.routes.flatMap(({ service, match }) =>
    match.map(
      ({ path, isPrefix }) => `  use_backend ${service} if { path${isPrefix ? '_beg' : ''} ${path} }`,
    ),
  );
  const sections = Object.entries(table.services).flatMap(([service, { loadBalancer }]) => [
    `backend ${service}`,
    `  option httpchk GET ${loadBalancer.healthCheck.path}`,
    '  option redispatch 1',
    `  retries ${table.attempts - 1}`,
    // As Traefik: whatever the method, as long as nothing was answered.
    '  retry-on conn-failure empty-response',
    ...backends
      .filter((backend) => backend.service === service)
      .map(
        ({ name, host }) =>
          `  server ${name} ${host}:6060 check port ${loadBalancer.healthCheck.port} inter 300ms fall 1 rise 1`,
      ),
  ]);
  const times = ['connect 2s', 'client 60s', 'server 60s'].map((each) => `  timeout ${each}`);
  const front = ['frontend api', `  bind 127.0.0.1:${port}`, ...rules];
  return [...['defaults', '  mode http', ...times], ...front, ...sections, ''].join('\n');
}

/** Runs until disposed. */
export function startHaproxy(folder: string, port: number, backends: readonly Backend[]): AsyncDisposable {
  const file = join(folder, 'haproxy.cfg');
  writeFileSync(file, haproxyConfig(port, readTraefikFile(), backends));
  return runBalancer('haproxy', ['-db', '-f', file]);
}

/** A program that is killed when disposed. */
export function runBalancer(program: string, args: readonly string[]): AsyncDisposable {
  const child = spawn(program, args, { stdio: 'ignore' });
  const ended = once(child, 'exit');
  return {
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
