// npm run conformance [-- SUITE… OPTIONS]: compares the answers of our service with recorded answers of Clair.
import { join } from 'node:path';
import { callerFolder, install, root, run } from './node24.mjs';

await install();
process.exitCode = await run(join(root, 'test', 'conformance', 'run.ts'), process.argv.slice(2), {
  cwd: callerFolder,
});
