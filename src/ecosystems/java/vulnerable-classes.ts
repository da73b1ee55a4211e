/**
 * Classes without which the code of a vulnerability is not there. No feed names classes of Java, but vendors and projects told users to
 * remove these from archives that could not be upgraded.
 */
import type { VulnerableCode } from '../../model/vulnerable-code.ts';

const LOG4J_CORE: VulnerableCode = [
  { path: 'org.apache.logging.log4j.core.lookup', symbols: ['JndiLookup'] },
];

/**
 * By CVE: a package that the archive still has, and classes in it or below. All of them have to be missing.
 * The package shows that the archive has classes of that library by their own names.
 */
const CLASSES: ReadonlyMap<string, VulnerableCode> = new Map([
  // https://logging.apache.org/security.html, https://issues.apache.org/jira/browse/LOG4J2-3221
  ['CVE-2021-44228', LOG4J_CORE],
  ['CVE-2021-45046', LOG4J_CORE],
  // https://access.redhat.com/security/cve/CVE-2021-4104
  ['CVE-2021-4104', [log4j1('net.JMSAppender')]],
  // https://access.redhat.com/security/cve/CVE-2019-17571; the others listen, or read what comes, as the server does
  ['CVE-2019-17571', [log4j1('net.SocketServer', 'net.SimpleSocketServer', 'net.SocketNode')]],
  // https://access.redhat.com/security/cve/CVE-2022-23302
  ['CVE-2022-23302', [log4j1('net.JMSSink')]],
  // https://access.redhat.com/security/cve/CVE-2022-23305
  ['CVE-2022-23305', [log4j1('jdbc.JDBCAppender')]],
]);

function log4j1(...symbols: string[]): VulnerableCode[number] {
  return { path: 'org.apache.log4j', symbols };
}

/** Returns the classes of the one vulnerability that has `names`; undefined if none are known, or they are about several. */
export function vulnerableClasses(names: readonly string[]): VulnerableCode | undefined {
  const cves = new Set(names.filter((name) => name.startsWith('CVE-')));
  const [cve = ''] = cves;
  return cves.size === 1 ? CLASSES.get(cve) : undefined;
}
