// npm run bench [-- NAME… OPTIONS]: measures our own programs, beside a yardstick in the same run.
import { join } from 'node:path';
import { callerFolder, install, memory, root, run } from './node24.mjs';

await install();
const args = process.argv.slice(2);
// This bench is an indexer and a notifier itself: its memory is theirs only with their flags.
const service = args.includes('million')
  ? { node: memory.flags, env: { ...process.env, ...memory.environment } }
  : {};
process.exitCode = await run(join(root, 'bench', 'run.ts'), args, { cwd: callerFolder, ...service });
