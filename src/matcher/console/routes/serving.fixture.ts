/** For tests: the console of a `ToyConsole` on a port of its own. */
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { createServer } from '../../../http/server.ts';
import { noLog } from '../../../lib/log.ts';
import { type Caller, ROLES } from '../access.ts';
import type { ToyConsole } from '../console.fixture.ts';
import type { ConsoleContext } from '../context.ts';
import { consoleDecisionRoutes } from './decisions.ts';
import { consoleFleetRoutes } from './fleet.ts';
import { consoleImageRoutes } from './images.ts';
import { consoleOperateRoutes } from './operate.ts';

export interface Served extends AsyncDisposable {
  readonly app: FastifyInstance;
  /** Who sends all requests from now on. */
  caller: Caller;
  /** `path` is behind `console/`. */
  ask(path: string, init?: RequestInit): Promise<Response>;
  /** The JSON of an answer of 200. */
  get<T>(path: string): Promise<T>;
}

export async function serveToy(toy: ToyConsole, more: Partial<ConsoleContext> = {}): Promise<Served> {
  const app = createServer({ log: noLog });
  const served: Served = {
    app,
    caller: { user: 'ana', roles: ROLES, auth: 'proxy' },
    ask: (path, init) => fetch(`http://127.0.0.1:${port()}/matcher/api/v1/console/${path}`, init),
    async get<T>(path: string): Promise<T> {
      const response = await served.ask(path);
      const text = await response.text();
      if (response.status !== 200) throw new Error(`${path}: ${response.status} ${text}`);
      return JSON.parse(text) as T;
    },
    [Symbol.asyncDispose]: () => app.close(),
  };
  const port = (): number => (app.server.address() as AddressInfo).port;
  const context: ConsoleContext = {
    ...{ db: toy.db, matcher: toy.matcher, ecosystems: toy.parts.ecosystems },
    now: () => toy.now,
    callerOf: () => served.caller,
    sets: undefined,
    triage: 'show',
    operator: undefined,
    exportReport: async () => undefined,
    ...more,
  };
  consoleImageRoutes(app, context);
  consoleFleetRoutes(app, context);
  consoleDecisionRoutes(app, context);
  consoleOperateRoutes(app, context);
  await app.listen({ port: 0, host: '127.0.0.1' });
  return served;
}
