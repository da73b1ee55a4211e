// Runs a file of this repository on Node >= 24 and with its packages installed, whatever Node started it.
// Plain JavaScript without imports from packages: it must run in a fresh clone on Node 20.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isatty } from 'node:tty';
import { fileURLToPath } from 'node:url';

/** The repository's folder. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * How all programs run: functions are optimized after ten times as many calls as by default. A scan, a layer or a feed is done
 * before most of it pays (docs/decisions/090).
 */
export const optimizeLate = ['--invocation-count-for-maglev=4000', '--invocation-count-for-turbofan=30000'];

/** How what lives long or loads feeds runs (docs/decisions/003). */
export const memory = {
  // It is collected more often, and takes a third less memory. The parser of HTTP is not compiled a second time, for which
  // V8 takes 25 MB, half of which malloc keeps: the interpreter of headers gains nothing by it.
  flags: [
    '--max-semi-space-size=2',
    '--heap-growing-percent=50',
    '--wasm-tiering-budget=1000000000',
    ...optimizeLate,
  ],
  // One arena of malloc: buffers that threads hand back are used again, and not kept for each thread.
  environment: { MALLOC_ARENA_MAX: '1' },
};

/** Where the user stands: npm runs scripts in `root` and tells the caller's folder in INIT_CWD. */
export const callerFolder = process.env.INIT_CWD ?? process.cwd();

/** Installs the packages of the lock file if they are not there, or not in those versions. Ends the process if that fails. */
export async function install() {
  if (isInstalled() && findNode() !== undefined) return;
  const options = [
    '--ignore-scripts=false', // one of them brings Node itself
    '--include=dev',
    '--include=optional',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    '--no-progress',
  ];
  const npm = (...args) =>
    new Promise((resolve) => {
      const child = spawn('npm', [...args, ...options], { cwd: root, stdio: ['ignore', 2, 2] });
      child.on('error', () => resolve(false)).on('close', (code) => resolve(code === 0));
    });
  const stop = showInstalling();
  // A mirror may lack packages for other platforms, and then "npm ci" finds the lock file wanting. The second way takes
  // the versions of the lock file too, and leaves it as it is.
  const isDone = (await npm('ci')) || (await npm('install', '--no-save'));
  stop();
  if (!isDone) {
    process.stderr.write(
      'npm could not install the packages: see above. Check the network and its proxy settings.\n',
    );
    process.exit(1);
  }
  if (findNode() === undefined) {
    process.stderr.write(
      `npm installed no Node >= 24 for ${process.platform}-${process.arch}: install one and run this again with it.\n`,
    );
    process.exit(1);
  }
}

/** Says how long it has taken: each second on a terminal, each 10 s elsewhere. Returns what ends it. */
function showInstalling() {
  const [before, after, interval] = isatty(2) ? ['\r', '', 1000] : ['', '\n', 10_000];
  const began = Date.now();
  process.stderr.write(`Installing packages (once) …${after}`);
  const timer = setInterval(() => {
    const seconds = Math.round((Date.now() - began) / 1000);
    process.stderr.write(`${before}Installing packages (once) … ${seconds} s${after}`);
  }, interval);
  return () => {
    clearInterval(timer);
    if (isatty(2)) process.stderr.write('\n');
  };
}

/** Whether npm's record of what it installed has every package that the lock file demands. */
function isInstalled() {
  const record = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const wanted = readPackages(join(root, 'package-lock.json'));
  const present = readPackages(record);
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === '' || optional || present[path]?.version === version,
  );
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
  } catch {
    return {};
  }
}

/** A Node >= 24: this one, or the one that npm brought. */
export function findNode() {
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  const brought = join(root, 'node_modules', '.bin', 'node');
  return existsSync(brought) ? brought : undefined;
}

/**
 * Runs `file` with Node >= 24 and waits; gives its exit code (128 + number for a signal). What this process is told to
 * end with is passed on: the child ends first, in its own way. `options`: cwd, env, node (flags for Node itself).
 */
export function run(file, args, options = {}) {
  const node = findNode();
  if (node === undefined) {
    process.stderr.write(
      `Node >= 24 is needed; this is ${process.version}. Run "npm ci" in ${root}: it brings one.\n`,
    );
    return Promise.resolve(1);
  }
  const child = spawn(node, [...(options.node ?? []), ...(file === undefined ? [] : [file]), ...args], {
    cwd: options.cwd,
    env: options.env,
    stdio: 'inherit',
  });
  const forward = (signal) => child.kill(signal);
  // A terminal sends SIGINT to the child too: there it only has to be survived.
  process.on('SIGINT', isatty(0) ? () => {} : forward);
  process.on('SIGTERM', forward);
  process.on('SIGHUP', forward);
  return new Promise((resolve) => {
    child.on('error', (error) => {
      process.stderr.write(`${node} cannot be run: ${error.message}\n`);
      resolve(1);
    });
    child.on('close', (code, signal) => resolve(code ?? 128 + (signal === 'SIGINT' ? 2 : 15)));
  });
}

// As a program: `node scripts/node24.mjs FILE ARGS…`
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await install();
  process.exitCode = await run(process.argv[2], process.argv.slice(3), { cwd: root });
}
