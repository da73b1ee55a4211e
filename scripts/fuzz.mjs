// npm run fuzz -- http [--requests N] [--seed N] [--from N] [--seconds N]: odd requests to a real service on a real PostgreSQL.
// npm run fuzz -- http2 [--connections N] [--seed N] [--from N] [--parallel N]: odd connections of HTTP/2 to the same.
// npm run fuzz -- [--cases N] [--seed N] [--from N] [READER…]: damaged files to what reads them.
import { join } from 'node:path';
import { install, root, run } from './node24.mjs';

await install();
const [what, ...rest] = process.argv.slice(2);
const isService = what === 'http' || what === 'http2';
const [script, args] = isService ? [`fuzz/${what}.ts`, rest] : ['fuzz.ts', process.argv.slice(2)];
process.exitCode = await run(join(root, 'scripts', script), args, { cwd: root });
