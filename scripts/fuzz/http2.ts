/**
 * Sends invalid connections of HTTP/2 to a real service on a real PostgreSQL, and reports every round after which something does not
 * hold: the process lives, memory within bounds, good requests of both protocols get their answers, no internal error in the log.
 *
 *     npm run fuzz -- http2 [--connections N] [--seed N] [--from N] [--parallel N]
 */
import { readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Conversation, conversationFrom } from './http/frames.ts';
import { goodAnswer, goodAnswerByHttp2 } from './http/good.ts';
import { startFuzzedService } from './http/service.ts';
import { randomFrom } from './mutate.ts';

/** MiB that the service may take. */
const MEMORY = 700;
/** Connections between two good requests. */
const ROUND = 200;
/** ms without a byte after which a client goes. */
const PATIENCE = 150;
/** ms that the good requests may take: the machine may be busy, a hang is far more. */
const GOOD = 60_000;

const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    parallel: { type: 'string', default: '8' },
  },
});
const [connections, seed, first, parallel] = [
  values.connections,
  values.seed,
  values.from,
  values.parallel,
].map(Number) as [number, number, number, number];

let [closed, left, refused, highest] = [0, 0, 0, 0];

/** Ends when the service closes, or says nothing for a while. */
async function converse(port: number, { pieces, end }: Conversation): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  let isOver = false;
  let isRefused = false;
  socket.on('error', (error: NodeJS.ErrnoException) => {
    isRefused ||= error.code === 'ECONNREFUSED';
  });
  const over = new Promise<void>((resolve) =>
    socket.once('close', () => {
      isOver = true;
      resolve();
    }),
  );
  let last = performance.now();
  socket.on('data', () => (last = performance.now()));
  for (const piece of pieces) {
    if (socket.destroyed) break;
    socket.write(piece);
    if (pieces.length > 1) await Promise.race([sleep(5), over]);
  }
  if (end === 'half-close') socket.end();
  if (end === 'reset') socket.resetAndDestroy();
  while (!isOver && performance.now() - last < PATIENCE) await Promise.race([sleep(20), over]);
  if (isOver) closed++;
  else left++;
  if (isRefused) refused++;
  socket.destroy();
}

async function round(
  from: number,
  to: number,
  service: Awaited<ReturnType<typeof startFuzzedService>>,
): Promise<void> {
  const token = await service.token();
  let next = from;
  const worker = async (): Promise<void> => {
    while (next < to) {
      const number = next++;
      const random = randomFrom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca77));
      await converse(service.port, conversationFrom(random, token));
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
}

/** What does not hold; empty: all does. */
async function run(service: Awaited<ReturnType<typeof startFuzzedService>>): Promise<string[]> {
  const good = async (): Promise<string> =>
    `${await goodAnswer(service)}\n${await goodAnswerByHttp2(service)}`;
  const expected = await good();
  if (!expected.startsWith('201 ') || !/\n200 .*$/.test(expected))
    return [`a good request gets ${expected.slice(0, 500)}`];
  for (let from = first; from < first + connections; from += ROUND) {
    const to = Math.min(from + ROUND, first + connections);
    await round(from, to, service);
    highest = Math.max(highest, service.memory() ?? 0);
    const where = `--seed ${seed} --from ${from} --connections ${to - from}`;
    if (service.exit() !== undefined) return [`${where}: the service ended: ${service.exit()}`];
    if (refused > 0) return [`${where}: the service takes no connection`];
    if (highest > MEMORY) return [`${where}: the service takes ${highest.toFixed(0)} MiB`];
    const now = await Promise.race([
      good().catch(String),
      sleep(GOOD, `nothing for ${GOOD} ms`, { ref: false }),
    ]);
    if (now !== expected) return [`${where}: a good request gets ${now.slice(0, 500)}`];
  }
  const lines = readFileSync(service.logFile, 'utf8').split('\n');
  return lines
    .filter((line) => /"level":"FATAL"|"error":"internal-error"/.test(line))
    .slice(0, 5)
    .map((line) => `in the log: ${line}`);
}

const start = performance.now();
await using service = await startFuzzedService();
const failures = await run(service);
for (const failure of failures) console.log(`FAILED ${failure}`);
const seconds = ((performance.now() - start) / 1000).toFixed(0);
console.log(
  `${connections} connections in ${seconds} s, at most ${highest.toFixed(0)} MiB; closed by the service: ${closed}, by the client: ${left}`,
);
console.log(failures.length === 0 ? 'no failures' : `log: ${service.logFile}`);
if (failures.length === 0) rmSync(service.logFile);
process.exitCode = failures.length === 0 ? 0 : 1;
