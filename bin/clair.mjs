#!/usr/bin/env node
// clair: the built src/main.ts on Node >= 24, whatever Node is first in PATH, with memory kept small.
import nodeModule from 'node:module'; // whole: Node 20 has not all of its names
import { program } from '../scripts/build.mjs';
import { findNode, root, run } from '../scripts/node24.mjs';

// A service lives long: it is collected more often, and takes a third less memory (docs/decisions/003).
const FLAGS = ['--max-semi-space-size=2', '--heap-growing-percent=50'];
// One arena of malloc: buffers that threads hand back are used again, and not kept for each thread.
// Half of the threads look up names: feeds take four at most (src/lib/host-lookup.ts), and some are left for the database's.
const ENVIRONMENT = {
  MALLOC_ARENA_MAX: '1',
  UV_THREADPOOL_SIZE: '16',
  NODE_COMPILE_CACHE: `${root}/build/compile-cache`,
};

const file = await program('main');
const args = process.argv.slice(2);
const node = findNode();
if (typeof process.execve === 'function' && process.platform === 'linux') {
  // The same process goes on as the service: no launcher stays behind.
  process.execve(node, [node, ...FLAGS, file, ...args], { ...ENVIRONMENT, ...process.env });
} else if (node === process.execPath) {
  nodeModule.enableCompileCache(ENVIRONMENT.NODE_COMPILE_CACHE);
  await import(file);
} else {
  process.exitCode = await run(file, args, { node: FLAGS, env: { ...ENVIRONMENT, ...process.env } });
}
