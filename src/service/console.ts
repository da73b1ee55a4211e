/** The console in this process: its routes, who may use them, and reports as files. */
import type { FastifyInstance } from 'fastify';
import { FORMAT_NAMES, isFormat, loadFormat } from '../cli/formats/load-format.ts';
import { formatInput } from '../cli/formats/view.ts';
import { matchesOf } from '../cli/outcome/scan-result.ts';
import type { Config } from '../config/schema.ts';
import type { Ecosystem } from '../contract/ecosystem.ts';
import { AppError } from '../errors.ts';
import { createReadProxy, type ReadProxy } from '../http/auth/proxy.ts';
import { holderOf } from '../http/auth/tokens.ts';
import { type Caller, type CallerOf, ROLES, type Role } from '../matcher/console/access.ts';
import type { ConsoleContext, ReportFile } from '../matcher/console/context.ts';
import { consoleDecisionRoutes } from '../matcher/console/routes/decisions.ts';
import { consoleFleetRoutes } from '../matcher/console/routes/fleet.ts';
import { consoleImageRoutes } from '../matcher/console/routes/images.ts';
import { consoleOperateRoutes } from '../matcher/console/routes/operate.ts';
import type { Matcher } from '../matcher/matcher.ts';
import type { VulnerabilityReportWire } from '../matcher/report/report-wire.ts';
import type { Digest } from '../model/digest.ts';

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

/** By format of `scan`: type and extension of the file; the rest is text. */
const FILES: Readonly<Record<string, readonly [type: string, extension: string]>> = {
  json: ['application/json', 'json'],
  clair: ['application/json', 'clair.json'],
  sarif: ['application/sarif+json', 'sarif'],
  cyclonedx: ['application/vnd.cyclonedx+json', 'cdx.json'],
  spdx: ['application/spdx+json', 'spdx.json'],
  openvex: ['application/json', 'openvex.json'],
  gitlab: ['application/json', 'gitlab.json'],
  github: ['application/json', 'github.json'],
  junit: ['application/xml', 'xml'],
  html: ['text/html; charset=utf-8', 'html'],
  markdown: ['text/markdown; charset=utf-8', 'md'],
  csv: ['text/csv; charset=utf-8', 'csv'],
};
const TEXT = ['text/plain; charset=utf-8', 'txt'] as const;

export function reportExporter(
  matcher: Pick<Matcher, 'vulnerabilityReport'>,
  ecosystems: readonly Ecosystem[],
  now: () => Date,
): (digest: Digest, format: string) => Promise<ReportFile | undefined> {
  return async (digest, name) => {
    if (!isFormat(name) || name === 'template') {
      const known = FORMAT_NAMES.filter((each) => each !== 'template').join(', ');
      throw new AppError('bad-request', `unknown format "${name}": one of ${known}`);
    }
    const made = await matcher.vulnerabilityReport(digest);
    if (made === undefined) return undefined;
    const report = JSON.parse(made.body.toString('utf8')) as VulnerabilityReportWire;
    const result = {
      target: { name: digest, kind: 'image' },
      names: { indexes: [], names: [] },
      manifest: digest,
      ...{ feeds: report.feeds, problems: report.problems, incomplete: report.incomplete },
      ...{ accepted: [], notices: [], report },
    };
    const at = now();
    const input = formatInput({ result, matches: matchesOf(report, ecosystems), ecosystems, now: at }, at);
    const format = await loadFormat(name);
    const [type, extension] = FILES[name] ?? TEXT;
    return { body: format(input), type, extension };
  };
}
