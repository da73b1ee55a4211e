/**
 * Where the commands of a document run: a folder that looks like a clone, with `clair` and `clairctl` on the PATH. The
 * outer world is small and on loopback: the addresses that documents name are put in place of the real ones.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { testDatabase } from '../../src/db/database.fixture.ts';
import { startRegistry } from '../../src/image/registry/server.fixture.ts';
import { freePort } from '../conformance/service.ts';
import { writeOciLayout } from '../e2e/make-image.ts';
import { ALPINE, startWorld, worldConfig } from '../e2e/world.ts';
import { ROOT } from '../imports.ts';
import type { Block } from './blocks.ts';

/** What a named block printed, or why it failed. */
export interface Ran {
  readonly name: string;
  readonly exit: number;
  readonly printed: string;
}

const LIMIT_MS = 120_000;
const UNSEEN = new Set(['.git', 'build']);

/** Runs the blocks of one document, in order, in one shell; ends with the first that fails. */
export async function runBlocks(blocks: readonly Block[]): Promise<Ran[]> {
  await using open = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'clair-docs-'));
  open.defer(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20 }));
  const clone = join(folder, 'clone');
  mkdirSync(clone);
  for (const name of readdirSync(ROOT)) {
    if (!UNSEEN.has(name)) symlinkSync(join(ROOT, name), join(clone, name));
  }
  rmSync(join(clone, 'config.yaml.sample'));
  copyFileSync(join(ROOT, 'config.yaml.sample'), join(clone, 'config.yaml.sample'));
  writeCommands(join(folder, 'bin'));

  const world = open.use(await startWorld());
  const database = open.use(await testDatabase());
  const registry = open.use(await startRegistry());
  writeOciLayout(join(folder, 'image'), [ALPINE]);
  registry.content.pushLayout('team/app', join(folder, 'image'), '1.0');
  const [api, introspection, receiver, closed] = await Promise.all([
    freePort(),
    freePort(),
    freePort(),
    freePort(),
  ]);
  /** The places that documents name. */
  const here = (text: string): string =>
    text
      .replaceAll(/\b(localhost|127\.0\.0\.1):6060\b/g, `127.0.0.1:${api}`)
      .replaceAll(/\b(localhost|127\.0\.0\.1):8089\b/g, `127.0.0.1:${introspection}`)
      .replaceAll(/\b(localhost|127\.0\.0\.1):8090\b/g, `127.0.0.1:${receiver}`)
      .replaceAll(/^( *)- host: registry\.example\.com$/gm, '$&\n$1  plain_http: true')
      .replaceAll('registry.example.com', registry.host)
      .replaceAll('host=127.0.0.1 user=clair dbname=clair sslmode=disable', database.dsn);

  /** Laid over every configuration that a document writes. */
  const dropIn = worldConfig(world, {
    http_listen_addr: `127.0.0.1:${api}`,
    introspection_addr: `127.0.0.1:${introspection}`,
    indexer: { connstring: database.dsn },
    matcher: { connstring: database.dsn, disable_enrichment: true },
  });
  for (const { mark, text } of blocks) {
    if (mark?.kind !== 'file') continue;
    const file = join(clone, mark.path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, here(text), { mode: 0o755 });
    if (/^config[^/]*\.yaml$/.test(mark.path)) {
      mkdirSync(`${file}.d`);
      writeFileSync(join(`${file}.d`, '90-world.yaml'), dropIn);
    }
  }
  // Commands without a service find no feed: they are left with the example advisories.
  const offline = join(folder, 'offline.yaml');
  const nowhere = { sets: ['osv'], config: { osv: { url: `http://127.0.0.1:${closed}/` } } };
  writeFileSync(offline, stringify({ updaters: nowhere, matcher: { disable_enrichment: true } }));

  const script = join(folder, 'script.sh');
  writeFileSync(script, here(scriptOf(blocks)));
  const child = spawn('bash', [script], {
    cwd: clone,
    detached: true, // what a block leaves in the background is in its group
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}`,
      HOME: folder,
      TMPDIR: process.env.TMPDIR ?? tmpdir(),
      CLAIR_CONF: offline,
      CLAIR_DATA_DIR: join(folder, 'data'),
      DOCKER_CONFIG: folder,
    },
  });
  const timer = setTimeout(() => void endGroup(child.pid), LIMIT_MS);
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (printed = (printed + text).slice(-400_000)));
  const [code] = await once(child, 'exit');
  clearTimeout(timer);
  await endGroup(child.pid);
  return ranOf(printed, code ?? -1);
}

const BEGIN = '::: begins: ';

function scriptOf(blocks: readonly Block[]): string {
  const parts = blocks.flatMap(({ mark, text }) => {
    if (mark?.kind !== 'run') return [];
    // A block that is to succeed runs in the shell itself: the next one sees its variables.
    const body =
      mark.exit === 0
        ? `set -e\n${text}set +e\n`
        : `( set -e\n${text})\ncode=$?\n[ "$code" = ${mark.exit} ] || { echo "it ended with $code, and not with ${mark.exit}"; exit 1; }\n`;
    return [`echo '${BEGIN}${mark.name}'\n${body}`];
  });
  return `set -u -o pipefail\n${parts.join('')}`;
}

function ranOf(printed: string, code: number): Ran[] {
  const parts = printed.split(BEGIN).slice(1);
  return parts.map((part, index) => {
    const end = part.indexOf('\n');
    const exit = index === parts.length - 1 ? code : 0;
    return { name: part.slice(0, end), exit, printed: part.slice(end + 1) };
  });
}

function writeCommands(folder: string): void {
  mkdirSync(folder);
  for (const program of ['clair', 'clairctl']) {
    const file = join(folder, program);
    writeFileSync(
      file,
      `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, 'bin', `${program}.mjs`)}' "$@"\n`,
    );
    chmodSync(file, 0o755);
  }
}

const PATIENCE_MS = 10_000;

/** Asks the processes of a group to end, waits for them, and kills those that stay. */
async function endGroup(leader: number | undefined): Promise<void> {
  if (leader === undefined || !signalGroup(leader, 'SIGTERM')) return;
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(50)) {
    if (!signalGroup(leader, 0)) return;
  }
  signalGroup(leader, 'SIGKILL');
}

/** Whether there was anybody. */
function signalGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-leader, signal);
  } catch {
    return false;
  }
}
