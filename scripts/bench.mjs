// npm run bench [-- NAME… OPTIONS]: measures our own programs, beside a yardstick in the same run.
import { join } from 'node:path';
import { callerFolder, install, memory, root, run } from './node24.mjs';

await install();
// Some measure this process: with the flags of what lives long.
process.exitCode = await run(join(root, 'bench', 'run.ts'), process.argv.slice(2), {
  cwd: callerFolder,
  node: memory.flags,
});
