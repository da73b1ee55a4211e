/** What `clairctl doctor` found out about one thing that Clair needs. */

export type DoctorState = 'ok' | 'warning' | 'failed';

export interface DoctorCheck {
  readonly kind: 'configuration' | 'environment' | 'database' | 'feed' | 'registry';
  readonly name: string;
  readonly state: DoctorState;
  /** What was found; no passwords. */
  readonly detail: string;
  /** What to do, unless it is ok. */
  readonly remedy?: string;
}

/** What usually helps against a failed request: `where` is what can be set to another address. */
export function remedyOf(reason: string, where: string): string {
  const hint = HINTS.find(([pattern]) => pattern.test(reason))?.[1];
  return hint ?? `Check the address. ${where}`;
}

const HINTS: readonly (readonly [RegExp, string])[] = [
  [
    /ENOTFOUND|EAI_AGAIN|host \S+ not found|not found: |cannot be resolved/i,
    'Check DNS, or set HTTPS_PROXY if this network needs a proxy.',
  ],
  [/ECONNREFUSED|refused/i, 'Nothing listens there: check address, port and proxy.'],
  [
    /ENETUNREACH|EHOSTUNREACH|timed? ?out|TIMEOUT|unreachable/i,
    'Check the firewall, and HTTPS_PROXY. Without access to the internet, use a mirror or a published database.',
  ],
  [
    /certificate|self.signed|UNABLE_TO_|CERT_|issuer/i,
    'Add the certificate authority of the proxy or server: SSL_CERT_FILE or NODE_EXTRA_CA_CERTS.',
  ],
  [/\b407\b/, 'The proxy requires a login: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT.'],
  [/\b(?:401|unauthorized|denied)\b/i, 'Log in: docker login, or --username and --password-stdin.'],
  [/\b(?:403|429)\b/, 'The server refuses or limits requests from this network: try later, or use a mirror.'],
  [/\b5\d\d\b/, 'The server has a fault: try later.'],
];

/** Feeds that fail alike are one line from this number on. */
const MANY = 4;

/** The checks, with one in place of many feeds that fail and have the same remedy: the cause is the same, too. */
export function joinFailedFeeds(checks: readonly DoctorCheck[]): DoctorCheck[] {
  const feeds = checks.filter(({ kind }) => kind === 'feed');
  const failed = feeds.filter(({ state }) => state === 'failed');
  const isOffline = failed.length === feeds.length;
  const groups = Map.groupBy(failed, ({ remedy }) => remedy);
  return checks.flatMap((check) => {
    const group = check.kind === 'feed' && check.state === 'failed' ? (groups.get(check.remedy) ?? []) : [];
    if (group.length < MANY) return [check];
    if (group[0] !== check) return [];
    const { remedy = '' } = check;
    return {
      ...check,
      name: `${group.length} of ${feeds.length} feeds`,
      detail: `cannot be reached, for example ${check.name}: ${check.detail}`,
      remedy: isOffline ? `${remedy} ${OFFLINE}`.trim() : remedy,
    };
  });
}

const OFFLINE =
  'No feed can be reached. An air-gapped machine needs none: load a published database or an export (docs/how-to/operate-air-gapped.md).';
