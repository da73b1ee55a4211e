/**
 * Runs a command with the URL of a service without authentication as its last argument, and ends with its code.
 *
 *     node scripts/node24.mjs scripts/fuzz/with-service.ts COMMAND [ARGUMENT…]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { startFuzzedService } from './http/service.ts';

const [command, ...args] = process.argv.slice(2);
if (command === undefined) throw new Error('which command?');
await using service = await startFuzzedService({ auth: undefined });
const child = spawn(command, [...args, `http://127.0.0.1:${service.port}`], { stdio: 'inherit' });
const [code] = await once(child, 'exit');
process.exitCode = code ?? 1;
