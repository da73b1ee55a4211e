/** The load of a chaos run: manifests that are submitted and asked for; what was promised is noted, and held against what comes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { digestOf, makeTar } from '../e2e/make-image.ts';
import { ALPINE, type World } from '../e2e/world.ts';

const INDEX = '/indexer/api/v1/index_report';
const REPORT = '/matcher/api/v1/vulnerability_report';
const CLIENTS = 4;
/** ms for an answer: what takes longer hangs. */
const PATIENCE = 40_000;
/** Temporary, and said to be so. */
const EXPECTED = new Set([429, 500, 502, 503, 504]);

/** A manifest that a client was told is indexed, or will be. */
export interface Promised {
  readonly hash: string;
  /** The index report as it came; undefined: it was accepted for later. */
  body: string | undefined;
  /** What upstream served when the promise was made. */
  readonly version: number;
}

export interface Ledger {
  readonly promised: Promised[];
  readonly wrong: string[];
  /** Answers by status; 0: no answer. */
  readonly answers: Map<number, number>;
  /** What those of 500 said, and how often. */
  readonly failures: Map<string, number>;
  /** ms of the slowest answer. */
  slowest: number;
}

export type Call = (path: string, init?: RequestInit) => Promise<Response>;

/** Submits and asks until `over`. */
export async function runLoad(
  world: World,
  call: Call,
  versionNow: () => number,
  over: () => boolean,
): Promise<Ledger> {
  const ledger: Ledger = { promised: [], wrong: [], answers: new Map(), failures: new Map(), slowest: 0 };
  const count = (status: number): void =>
    void ledger.answers.set(status, (ledger.answers.get(status) ?? 0) + 1);

  async function ask(what: string, wanted: readonly number[], path: string, init: RequestInit = {}) {
    const start = performance.now();
    try {
      const answer = await call(path, { ...init, signal: AbortSignal.timeout(PATIENCE) });
      const text = await answer.text();
      count(answer.status);
      ledger.slowest = Math.max(ledger.slowest, performance.now() - start);
      if (wanted.includes(answer.status)) return { status: answer.status, text };
      if (answer.status === 500) ledger.failures.set(text, (ledger.failures.get(text) ?? 0) + 1);
      // A trouble has a name: what has none is a mistake.
      if (!EXPECTED.has(answer.status) || text.includes('internal server error'))
        ledger.wrong.push(`${what}: ${answer.status} ${text.slice(0, 300)}`);
    } catch (error) {
      count(0);
      if ((error as Error).name === 'TimeoutError')
        ledger.wrong.push(`${what}: no answer in ${PATIENCE / 1000} s`);
    }
    await sleep(100);
    return undefined;
  }

  async function submit(name: string, isLater: boolean): Promise<void> {
    const manifest = manifestOf(world, name);
    const headers = isLater ? { prefer: 'respond-async' } : {};
    const init = { method: 'POST', body: JSON.stringify(manifest), headers };
    const answer = await ask(`POST ${name}`, [201, 202], INDEX, init);
    if (answer === undefined) return;
    const body = answer.status === 201 ? answer.text : undefined;
    // What is served from now on comes later than the promise.
    const version = answer.status === 201 ? versionNow() : Number.POSITIVE_INFINITY;
    ledger.promised.push({ hash: manifest.hash, body, version });
  }

  async function check(known: Promised): Promise<void> {
    const { hash } = known;
    const answer = await ask(`GET index ${hash}`, [200], `${INDEX}/${hash}`);
    if (answer !== undefined && known.body !== undefined && answer.text !== known.body)
      ledger.wrong.push(`GET index ${hash}: another report than was answered: ${answer.text.slice(0, 300)}`);
    if (known.body === undefined) return;
    const report = await ask(`GET report ${hash}`, [200], `${REPORT}/${hash}`);
    if (report !== undefined && !report.text.includes(`"manifest_hash":"${hash}"`))
      ledger.wrong.push(`GET report ${hash}: ${report.text.slice(0, 300)}`);
  }

  await Promise.all(
    Array.from({ length: CLIENTS }, async (_, client) => {
      for (let n = 0; !over(); n++) {
        const { promised } = ledger;
        if (n % 8 === 0 || promised.length === 0) await submit(`${client}-${n}`, n % 32 === 8);
        else await check(promised[Math.floor(Math.random() * promised.length)]!);
        await sleep(50); // the machine has other things to do
      }
    }),
  );
  return ledger;
}

/** An image with a package of its own besides those of the world. */
function manifestOf(world: World, name: string): { hash: string; layers: object[] } {
  const installed = `${ALPINE['lib/apk/db/installed']}P:own-${name}\nV:1.0-r0\nA:x86_64\no:own\n\n`;
  const blob = gzipSync(makeTar({ ...ALPINE, 'lib/apk/db/installed': installed }));
  const hash = digestOf(blob);
  world.blobs.set(hash, blob);
  return {
    hash: digestOf(`chaos ${name}`),
    layers: [{ hash, uri: `${world.address}/blobs/${hash}` }],
  };
}
