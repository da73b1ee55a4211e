#!/usr/bin/env node
// clairctl: the built src/ctl.ts on Node >= 24, whatever Node is first in PATH.
import nodeModule from 'node:module'; // whole: Node 20 has not all of its names
import { program } from '../scripts/build.mjs';
import { root, run } from '../scripts/node24.mjs';

const file = await program('ctl');
if (Number(process.versions.node.split('.')[0]) >= 24) {
  nodeModule.enableCompileCache(`${root}/build/compile-cache`);
  await import(file);
} else {
  process.exitCode = await run(file, process.argv.slice(2), {
    env: { NODE_COMPILE_CACHE: `${root}/build/compile-cache`, ...process.env },
  });
}
