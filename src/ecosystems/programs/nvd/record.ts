/** A record of the NVD as advisories about programs of the table. */

import { z } from 'zod';
import type { Bounds } from '../../../contract/foreign.ts';
import { severityOfCvss } from '../../../formats/cvss.ts';
import { Configuration, type CpeRange, rangesOf } from '../../../formats/nvd/cpe-ranges.ts';
import type { Advisory, VulnerabilityText } from '../../../model/advisory.ts';
import { NVD_SCOPE } from '../lookups.ts';
import { PRODUCTS } from '../products.ts';

/** PostgreSQL stores no NUL, and UTF-8 has no lone surrogates. */
const text = z.string().transform((written) => written.replaceAll('\0', '').toWellFormed());
const Metrics = z
  .array(z.object({ cvssData: z.object({ vectorString: text }) }))
  .optional()
  .catch(undefined);

const Cve = z.object({
  id: text.pipe(z.string().regex(/^CVE-\d{4}-\d{4,}$/)),
  vulnStatus: text.optional(),
  published: text.optional().catch(undefined),
  descriptions: z.array(z.object({ lang: z.string(), value: text })).catch([]),
  metrics: z
    .object({ cvssMetricV40: Metrics, cvssMetricV31: Metrics, cvssMetricV30: Metrics, cvssMetricV2: Metrics })
    .optional()
    .catch(undefined),
  references: z.array(z.object({ url: text })).catch([]),
  configurations: z.array(Configuration).optional(),
});

const Record = z.object({ cve: Cve });

/** `vendor:product` -> the name of the program. */
const NAMES: ReadonlyMap<string, string> = new Map(
  [...PRODUCTS].flatMap(([name, { cpes, feed }]) =>
    feed === 'nvd' ? cpes.map((cpe): [string, string] => [cpe, name]) : [],
  ),
);

/** How the text of each record is that may be about one of them. */
export const MENTIONS = new RegExp(
  `cpe:2\\.3:a:(?:${[...new Set([...NAMES.keys()].map((cpe) => cpe.slice(0, cpe.indexOf(':'))))].join('|')}):`,
);

/** The advisories of a parsed JSON record; `problem` is told what of it could not be read. Throws if it is no record. */
export function advisoriesOfNvd(json: unknown, problem: (reason: string) => void): Advisory[] {
  const record = Record.safeParse(json);
  if (!record.success) {
    const { path, message } = record.error.issues[0]!;
    throw new Error(`no record of the NVD: ${path.join('.')}: ${message}`);
  }
  const { cve } = record.data;
  if (cve.vulnStatus === 'Rejected') return [];
  const { ranges, unreadable } = rangesOf(cve.configurations ?? []);
  if (unreadable > 0) problem(`${cve.id}: ${unreadable} criteria cannot be read`);
  const vulnerability = vulnerabilityOf(cve);
  const advisories = new Map<string, Advisory>();
  for (const range of ranges) {
    const name = NAMES.get(`${range.vendor}:${range.product}`);
    if (name === undefined) continue;
    const bounds = boundsOf(name, range);
    advisories.set(JSON.stringify([name, bounds]), {
      scope: NVD_SCOPE,
      name,
      kind: 'binary',
      ...bounds,
      fixedInVersion: queryOf({ ...bounds, ...(range.fixed !== undefined && { fixed: range.fixed }) }),
      vulnerability,
    });
  }
  return [...advisories.values()];
}

/** OpenSSH has a patch level that the NVD leaves out: `8.8` is 8.8p1, too. Of other programs letters are releases. */
function boundsOf(name: string, { from, below, upTo, fromExcluded, updates }: CpeRange): Bounds {
  const last = (version: string): string =>
    name === 'openssh' && updates !== 'none' && /^[\d.]+$/.test(version) ? `${version}p999999` : version;
  return {
    ...(from !== undefined && { from: fromExcluded ? justAbove(last(from)) : from }),
    ...(below !== undefined && { below }),
    ...(upTo !== undefined && { upTo: last(upTo) }),
  };
}

/** A lower bound is always inclusive: the least version that is above one. Of what ends otherwise, the version itself. */
function justAbove(version: string): string {
  if (/^\d+(?:\.\d+)*$/.test(version)) return `${version}a`;
  const [, start = '', patch] = /^(.*p)(\d+)$/.exec(version) ?? [];
  return patch === undefined ? version : `${start}${Number(patch) + 1}`;
}

function vulnerabilityOf(cve: z.output<typeof Cve>): VulnerabilityText {
  const { cvssMetricV40, cvssMetricV31, cvssMetricV30, cvssMetricV2 } = cve.metrics ?? {};
  const vectors = [cvssMetricV31, cvssMetricV30, cvssMetricV40, cvssMetricV2].flatMap(
    (metrics) => metrics ?? [],
  );
  const severity = vectors[0]?.cvssData.vectorString ?? '';
  const issued = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.exec(cve.published ?? '')?.[0];
  return {
    name: cve.id,
    description: cve.descriptions.find(({ lang }) => lang === 'en')?.value ?? '',
    ...(issued !== undefined && !Number.isNaN(Date.parse(`${issued}Z`)) && { issued: `${issued}Z` }),
    links: [
      `https://nvd.nist.gov/vuln/detail/${cve.id}`,
      ...cve.references.map(({ url }) => url.trim().replace(/\s/g, '%20')),
    ]
      .filter((url) => url !== '')
      .join(' '),
    severity,
    normalizedSeverity: severityOfCvss(severity) ?? 'Unknown',
  };
}

/** Clair's URL query of an interval. */
function queryOf({ from, upTo, fixed }: Bounds & { readonly fixed?: string }): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries({ fixed, introduced: from, lastAffected: upTo }))
    if (value !== undefined) query.set(key, value);
  return `${query}`;
}
