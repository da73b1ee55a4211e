// Runs a script of this repository on Node >= 24 and with its packages installed, whatever Node started it.
// Plain JavaScript without imports from packages: it must run in a fresh clone on Node 20.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Installs the packages of the lock file if they are not there, or not all of them. */
export function install() {
  const installed = join(root, 'node_modules', '.package-lock.json');
  const wanted = Object.keys(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).dependencies);
  const complete = existsSync(installed) && wanted.every((name) => existsSync(join(root, 'node_modules', name)));
  if (complete && findNode() !== undefined) return;
  process.stderr.write('Installing packages (once) …\n');
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root, stdio: ['ignore', 2, 2] });
  if (npm.status !== 0) {
    process.stderr.write('npm ci failed: see above. Check the network and the proxy settings of npm.\n');
    process.exit(1);
  }
}

/** A Node >= 24: this one, or the one that npm brought. */
export function findNode() {
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  const brought = join(root, 'node_modules', '.bin', 'node');
  return existsSync(brought) ? brought : undefined;
}

/** Runs `file` with Node >= 24; gives its exit code (130 for a signal). */
export function run(file, args, options = {}) {
  const node = findNode();
  if (node === undefined) {
    process.stderr.write(`Node >= 24 is needed; this is ${process.version}. Run "npm ci" here: it brings one.\n`);
    return 1;
  }
  const child = spawnSync(node, [...(options.node ?? []), file, ...args], { cwd: options.cwd, env: options.env, stdio: 'inherit' });
  return child.status ?? 130;
}
