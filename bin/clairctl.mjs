#!/usr/bin/env node
// clairctl: src/ctl.ts on Node >= 24, whatever Node is first in PATH.
if (Number(process.versions.node.split('.')[0]) >= 24) {
  await import('../src/ctl.ts');
} else {
  const { root, run } = await import('../scripts/node24.mjs');
  process.exitCode = await run(`${root}/src/ctl.ts`, process.argv.slice(2));
}
