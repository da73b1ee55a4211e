// npm run release: see scripts/release/release.mjs.

import { join } from 'node:path';
import { callerFolder, install, root, run } from './node24.mjs';

await install();
process.exitCode = await run(join(root, 'scripts', 'release', 'release.mjs'), process.argv.slice(2), {
  cwd: callerFolder,
});
