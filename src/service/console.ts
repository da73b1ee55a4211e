/** The console in this process: its routes, and who may use them. */
import type { FastifyInstance } from 'fastify';
import type { Config } from '../config/schema.ts';
import { createReadProxy, type ReadProxy } from '../http/auth/proxy.ts';
import { holderOf } from '../http/auth/tokens.ts';
import { type Caller, type CallerOf, ROLES, type Role } from '../matcher/console/access.ts';
import type { ConsoleContext } from '../matcher/console/context.ts';
import { consoleDecisionRoutes } from '../matcher/console/routes/decisions.ts';
import { consoleFleetRoutes } from '../matcher/console/routes/fleet.ts';
import { consoleImageRoutes } from '../matcher/console/routes/images.ts';
import { consoleOperateRoutes } from '../matcher/console/routes/operate.ts';

/** Paths that a proxy may sign people in for: never Clair's own API. */
const CONSOLE_PATH = '/matcher/api/v1/console/';

export function isConsole(url: string): boolean {
  return url.startsWith(CONSOLE_PATH);
}

export function mountConsole(app: FastifyInstance, context: ConsoleContext): void {
  consoleImageRoutes(app, context);
  consoleFleetRoutes(app, context);
  consoleDecisionRoutes(app, context);
  consoleOperateRoutes(app, context);
}

/** undefined: `auth.proxy` is not configured. */
export function readProxyOf(auth: Config['auth']): ReadProxy | undefined {
  return auth?.proxy ? createReadProxy(auth.proxy) : undefined;
}

/** Who may do what: whom the proxy names, by groups; who has a token, everything, unless the token says less. */
export function callersOf(auth: Config['auth']): CallerOf {
  const readProxy = readProxyOf(auth);
  const hasTokens = Boolean(auth?.psk || auth?.keyserver);
  const rolesOf = (groups: readonly string[]): Role[] =>
    ROLES.filter((role) => auth?.proxy?.roles[role].some((group) => group === '*' || groups.includes(group)));
  return (request): Caller => {
    const signedIn = readProxy?.({ headers: request.headers, address: request.ip });
    if (signedIn !== undefined)
      return { user: signedIn.user, roles: rolesOf(signedIn.groups), auth: 'proxy' };
    // Everything else with a token has been refused before.
    if (hasTokens) {
      const { user, roles } = holderOf(request.headers.authorization);
      return {
        user: user || 'token',
        roles: roles === undefined ? ROLES : ROLES.filter((role) => roles.includes(role)),
        auth: 'token',
      };
    }
    return { user: 'anonymous', roles: readProxy === undefined ? ROLES : [], auth: 'none' };
  };
}
