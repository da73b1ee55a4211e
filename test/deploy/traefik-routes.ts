/** The routing table of deploy/compose/traefik/routes.yaml: which service a path goes to. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT } from '../imports.ts';

/** A router of it. */
export interface Route {
  readonly service: string;
  /** A path, or what it begins with. */
  readonly match: readonly { readonly path: string; readonly isPrefix: boolean }[];
}

export interface TraefikService {
  readonly loadBalancer: {
    readonly servers: readonly { readonly url: string }[];
    readonly healthCheck: { readonly path: string; readonly port: number };
  };
}

/** The whole file, as far as it is looked at here. */
export interface TraefikFile {
  readonly routes: readonly Route[];
  readonly services: Readonly<Record<string, TraefikService>>;
  /** How often a request is tried. */
  readonly attempts: number;
}

interface Raw {
  readonly http: {
    readonly routers: Readonly<Record<string, { rule: string; service: string; middlewares: string[] }>>;
    readonly middlewares: Readonly<Record<string, { retry: { attempts: number } }>>;
    readonly services: TraefikFile['services'];
  };
}

export function readTraefikFile(): TraefikFile {
  const { http } = parse(readFileSync(join(ROOT, 'deploy/compose/traefik/routes.yaml'), 'utf8')) as Raw;
  const routes = Object.values(http.routers).map(({ rule, service }) => ({ service, match: readRule(rule) }));
  return { routes, services: http.services, attempts: http.middlewares.again!.retry.attempts };
}

/** Throws for more than `Path` and `PathPrefix` in a row of alternatives: nothing else is needed. */
function readRule(rule: string): Route['match'] {
  return rule.split('||').map((part) => {
    const [, kind, path] = /^\s*(Path|PathPrefix)\(`([^`]+)`\)\s*$/.exec(part) ?? [];
    if (path === undefined) throw new Error(`a rule that is not understood: ${part}`);
    return { path, isPrefix: kind === 'PathPrefix' };
  });
}

/** The services that `path` goes to: one, if all is well. */
export function servicesOf(path: string, { routes }: TraefikFile): string[] {
  return routes
    .filter(({ match }) =>
      match.some((each) => (each.isPrefix ? path.startsWith(each.path) : path === each.path)),
    )
    .map(({ service }) => service);
}
