#!/usr/bin/env node
// clair: the built src/main.ts on Node >= 24, whatever Node is first in PATH, with memory kept small.
import nodeModule from 'node:module'; // whole: Node 20 has not all of its names
import { program } from '../scripts/build.mjs';
import { findNode, memory, root, run } from '../scripts/node24.mjs';

// Half of the threads look up names: feeds take four at most (src/lib/host-lookup.ts), and some are left for the database's.
const ENVIRONMENT = {
  ...memory.environment,
  UV_THREADPOOL_SIZE: '16',
  NODE_COMPILE_CACHE: `${root}/build/compile-cache`,
};

const file = await program('main');
const args = process.argv.slice(2);
const node = findNode();
if (typeof process.execve === 'function' && process.platform === 'linux') {
  // The same process goes on as the service: no launcher stays behind.
  process.execve(node, [node, ...memory.flags, file, ...args], { ...ENVIRONMENT, ...process.env });
} else if (node === process.execPath) {
  nodeModule.enableCompileCache(ENVIRONMENT.NODE_COMPILE_CACHE);
  await import(file);
} else {
  process.exitCode = await run(file, args, { node: memory.flags, env: { ...ENVIRONMENT, ...process.env } });
}
