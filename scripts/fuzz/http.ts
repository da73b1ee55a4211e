/**
 * Sends odd requests to a real service on a real PostgreSQL, and tells of every one after which something does not hold:
 * the process lives, no 5xx that the document does not name, no answer later than its limit, memory within bounds, and a
 * good request gets the good answer. A request is known by seed and number.
 *
 *     npm run fuzz -- http [--requests N] [--seed N] [--from N] [--connections N]
 */
import { createHmac } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { goodAnswer } from './http/good.ts';
import { judge, LIMITS } from './http/judge.ts';
import { encodeBody, type Known, type Request, requestFrom } from './http/request.ts';
import { type Answer, send } from './http/send.ts';
import { type FuzzedService, ISSUER, KEY, startFuzzedService } from './http/service.ts';
import { type Sent, toWire } from './http/wire.ts';
import { randomFrom } from './mutate.ts';

/** MiB that the service may take. */
const MEMORY = 700;
/** Requests between two good ones. */
const ROUND = 500;
const MOST_TOLD = 20;

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    connections: { type: 'string', default: '16' },
  },
});
const [requests, seed, first, connections] = [values.requests, values.seed, values.from, values.connections].map(Number) as [
  number, number, number, number,
]; // biome-ignore format: a line

const failures: string[] = [];
const counts = new Map<number, number>();
let [slowest, highest] = [0, 0];
let service: FuzzedService;
let known: Known;

function fail(what: string): void {
  if (failures.push(what) <= MOST_TOLD) console.log(`FAILED ${what}`);
}

async function renew(): Promise<void> {
  const good = await service.token();
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const unsigned = `${part({ alg: 'none' })}.${part({ iss: ISSUER })}.`;
  const hour = Math.floor(Date.now() / 1000) + 3600;
  const signed = (payload: object, header: object = { alg: 'HS256' }): string => {
    const text = `${part(header)}.${part(payload)}`;
    return `Bearer ${text}.${createHmac('sha256', KEY).update(text).digest('base64url')}`;
  };
  const oddTokens = [
    '', 'Bearer', 'Bearer ', 'Bearer x', 'Bearer ..', 'Basic Zm9vOmJhcg==', `Bearer ${unsigned}`, `Bearer ${'e'.repeat(20_000)}`,
    good.slice(0, -3), good.toLowerCase(), `${good}.x`, signed({ iss: 'other' }), signed({ iss: ISSUER, exp: 1 }),
    signed({ iss: ISSUER, nbf: hour }), signed({ iss: ISSUER, iat: hour }), signed({ iss: [ISSUER] }), signed({ iss: ISSUER, exp: 'x' }),
    signed({ iss: ISSUER }, { alg: 'HS256', crit: ['x'] }), signed({ iss: ISSUER }, { alg: 'RS256' }), signed({ iss: ISSUER }, {}),
    signed([] as never), signed({ iss: ISSUER }, { alg: 'HS256', b64: false, crit: ['b64'] }),
  ]; // biome-ignore format: a table
  known = { token: good, oddTokens, layer: service.layer };
}

/** Clients that go silent are given up after a minute: nobody waits for them before the end. */
const silent: Promise<void>[] = [];

async function one(number: number): Promise<void> {
  // One more than the last: seeds side by side must not be the same numbers, shifted.
  const random = randomFrom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca77));
  const request = requestFrom(random, known);
  if (random(5) === 0) encodeBody(request, random);
  const sent = toWire(request, random);
  const answered = send(service.port, sent, sent.end === 'silence' ? LIMITS.silence : LIMITS.whole).then(
    (answer) => note(number, request, sent, answer),
  );
  if (sent.end === 'silence') silent.push(answered);
  else await answered;
}

function note(number: number, request: Request, sent: Sent, answer: Answer): void {
  for (const status of answer.statuses.length === 0 ? [0] : answer.statuses)
    counts.set(status, (counts.get(status) ?? 0) + 1);
  if (sent.end !== 'silence') slowest = Math.max(slowest, answer.milliseconds);
  const isDamaged = !sent.isWhole || request.method !== request.operation?.method;
  const wrong = judge(isDamaged ? undefined : request.operation, sent, answer);
  if (wrong !== undefined) {
    const asked = sent.pieces[0]?.toString('latin1').split('\r\n')[0]?.slice(0, 150);
    fail(`--seed ${seed} --from ${number} --requests 1: ${JSON.stringify(asked)}: ${wrong}`);
  }
}

async function run(): Promise<void> {
  const good = await goodAnswer(service);
  if (!good.startsWith('201 ')) return fail(`a good request gets ${good.slice(0, 500)}`);
  for (let from = first; from < first + requests && failures.length < MOST_TOLD; from += ROUND) {
    await renew(); // they hold for a minute
    const to = Math.min(from + ROUND, first + requests);
    let next = from;
    const worker = async (): Promise<void> => {
      while (next < to) await one(next++);
    };
    await Promise.all(Array.from({ length: connections }, worker));
    highest = Math.max(highest, service.memory() ?? 0);
    const where = `after --seed ${seed} --from ${from} --requests ${to - from}`;
    if (service.exit() !== undefined) return fail(`${where}: the service ended: ${service.exit()}`);
    if (highest > MEMORY) return fail(`${where}: the service takes ${highest.toFixed(0)} MiB`);
    const now = await goodAnswer(service).catch((error: unknown) => String(error));
    if (now !== good) fail(`${where}: a good request gets ${now.slice(0, 500)}`);
    if ((from - first) % 50_000 < ROUND) console.log(`${from - first} requests, ${highest.toFixed(0)} MiB`);
  }
  await Promise.all(silent);
}

const start = performance.now();
service = await startFuzzedService();
try {
  await run();
} finally {
  await service[Symbol.asyncDispose]();
}
const lines = readFileSync(service.logFile, 'utf8').split('\n');
for (const line of lines.filter((text) => /"level":"FATAL"|"error":"internal-error"/.test(text)).slice(0, 5))
  fail(`in the log: ${line}`);
const seconds = (performance.now() - start) / 1000;
const statuses = [...counts]
  .sort(([a], [b]) => a - b)
  .map(([status, count]) => `${status || 'none'}: ${count}`);
console.log(
  `${requests} requests in ${seconds.toFixed(0)} s, slowest ${slowest.toFixed(0)} ms, at most ${highest.toFixed(0)} MiB; ${statuses.join(', ')}`,
);
console.log(failures.length === 0 ? 'no failures' : `${failures.length} failures; log: ${service.logFile}`);
if (failures.length === 0) rmSync(service.logFile);
process.exitCode = failures.length === 0 ? 0 : 1;
