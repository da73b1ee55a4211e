// npm run chaos -- [--minutes N] [--seed N]: replicas under load, while they, their database and the network are disturbed.
import { join } from 'node:path';
import { install, root, run } from './node24.mjs';

await install();
process.exitCode = await run(join(root, 'test', 'chaos', 'run.ts'), process.argv.slice(2), { cwd: root });
