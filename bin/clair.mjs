#!/usr/bin/env node
// clair: src/main.ts on Node >= 24, whatever Node is first in PATH.
if (Number(process.versions.node.split('.')[0]) >= 24) {
  await import('../src/main.ts');
} else {
  const { root, run } = await import('../scripts/node24.mjs');
  process.exitCode = await run(`${root}/src/main.ts`, process.argv.slice(2));
}
