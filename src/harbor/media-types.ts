/** The media types of Harbor's pluggable scanner API, version 1.2. */

export const METADATA = 'application/vnd.scanner.adapter.metadata+json; version=1.1';
export const METADATA_1_0 = 'application/vnd.scanner.adapter.metadata+json; version=1.0';
export const SCAN_RESPONSE = 'application/vnd.scanner.adapter.scan.response+json; version=1.0';
export const ERROR = 'application/vnd.scanner.adapter.error+json; version=1.0';

const NATIVE = 'application/vnd.scanner.adapter.vuln.report.harbor+json; version=1.0';
const GENERIC = 'application/vnd.security.vulnerability.report; version=1.1';
const RAW = 'application/vnd.scanner.adapter.vuln.report.raw';
const SBOM = 'application/vnd.security.sbom.report+json; version=1.0';

/** What a report can be asked for as; the first is that of who does not say. */
export const REPORT_TYPES = [GENERIC, NATIVE, RAW, SBOM] as const;
export type ReportType = (typeof REPORT_TYPES)[number];

export const VULNERABILITY_TYPES: readonly ReportType[] = [NATIVE, GENERIC, RAW];
export const SBOM_TYPES: readonly ReportType[] = [SBOM];
/** Clair's own JSON. */
export const RAW_TYPE: ReportType = RAW;
export const SBOM_TYPE: ReportType = SBOM;

export const SBOM_FORMATS = ['application/spdx+json', 'application/vnd.cyclonedx+json'] as const;
export type SbomFormat = (typeof SBOM_FORMATS)[number];

/** Artifacts that Harbor is told of. It asks for each image of an index by itself. */
export const CONSUMED = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
] as const;
/** Indexes are scanned too if somebody asks. */
export const INDEXES: readonly string[] = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];

/** Lower case, without spaces around parameters and without quotes. */
function normal(type: string): string {
  return type
    .toLowerCase()
    .split(';')
    .map((part) => part.trim().replace(/"/g, ''))
    .filter((part) => !part.startsWith('q='))
    .join(';');
}

/**
 * Returns the first type of `accept` that there is; a type without its version is any version of it. Without a header, or
 * if everything will do, an SBOM if `wantsSbom`, else vulnerabilities. undefined: there is none.
 */
export function chooseReportType(accept: string | undefined, wantsSbom: boolean): ReportType | undefined {
  const wanted = (accept ?? '').split(',', 64).map(normal).filter(Boolean);
  if (wanted.length === 0) wanted.push('*/*');
  for (const each of wanted) {
    if (each === '*/*' || each === 'application/*') return wantsSbom ? SBOM : GENERIC;
    const found = REPORT_TYPES.find((type) => normal(type) === each || normal(type).split(';')[0] === each);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether `wanted` names one of `types`. */
export function isOneOf(wanted: string, types: readonly string[]): boolean {
  return types.some((type) => normal(type) === normal(wanted));
}
