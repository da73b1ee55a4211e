// npm run bench [-- NAME… OPTIONS]: measures our own programs, beside a yardstick in the same run.
import { join } from 'node:path';
import { callerFolder, install, root, run } from './node24.mjs';

await install();
process.exitCode = await run(join(root, 'bench', 'run.ts'), process.argv.slice(2), { cwd: callerFolder });
