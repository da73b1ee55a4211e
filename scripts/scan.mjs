// npm run scan -- [TARGET…] [OPTIONS]: scans images in one process. Without a target: builds the example image and scans that.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { callerFolder, findNode, install, root, run } from './node24.mjs';

await install();
process.exitCode = await run(join(root, 'bin', 'clairctl.mjs'), ['scan', ...process.argv.slice(2)], {
  cwd: callerFolder,
  // Scanned where no target is given.
  env: { CLAIR_TARGET: buildExampleImage(), ...process.env },
});

/** Path of the example image; built unless it is there, and younger than its script. */
function buildExampleImage() {
  const script = join(root, 'scripts', 'build-example-image.mjs');
  const image = join(root, 'build', 'example-image');
  const index = join(image, 'index.json');
  if (existsSync(index) && statSync(index).mtimeMs > statSync(script).mtimeMs) return image;
  const built = spawnSync(findNode(), [script], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  const path = built.stdout?.trim().split('\n').at(-1);
  if (built.status !== 0 || !path) {
    process.stderr.write('The example image could not be built: see above.\n');
    process.exit(1);
  }
  return path;
}
