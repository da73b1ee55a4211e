#!/usr/bin/env node
// clair: the built src/main.ts on Node >= 24, whatever Node is first in PATH.
import { enableCompileCache } from 'node:module';
import { program } from '../scripts/build.mjs';
import { root, run } from '../scripts/node24.mjs';

const file = await program('main');
if (Number(process.versions.node.split('.')[0]) >= 24) {
  enableCompileCache(`${root}/build/compile-cache`);
  await import(file);
} else {
  process.exitCode = await run(file, process.argv.slice(2), {
    env: { NODE_COMPILE_CACHE: `${root}/build/compile-cache`, ...process.env },
  });
}
