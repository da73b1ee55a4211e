#!/usr/bin/env node
// clairctl: the built src/ctl.ts on Node >= 24, whatever Node is first in PATH.
import nodeModule from 'node:module'; // whole: Node 20 has not all of its names
import { setFlagsFromString } from 'node:v8';
import { program } from '../scripts/build.mjs';
import { findNode, memory, optimizeLate, root, run } from '../scripts/node24.mjs';

const file = await program('ctl');
const args = process.argv.slice(2);
const compiled = `${root}/build/compile-cache`;
// What loads feeds takes a third less memory as the service runs, and starts as fast as all else without.
const isLoading = args[0] === 'db';
const flags = isLoading ? memory.flags : optimizeLate;
const env = { NODE_COMPILE_CACHE: compiled, ...memory.environment, ...process.env };
if (Number(process.versions.node.split('.')[0]) < 24) {
  process.exitCode = await run(file, args, { node: flags, env });
} else if (isLoading && typeof process.execve === 'function' && process.platform === 'linux') {
  const node = findNode();
  process.execve(node, [node, ...flags, file, ...args], env);
} else {
  optimizeLate.forEach(setFlagsFromString);
  nodeModule.enableCompileCache(compiled);
  await import(file);
}
