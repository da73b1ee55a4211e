/** The SBOM of an image, as Harbor wants it. */
import type { z } from 'zod';
import type { Ecosystem } from '../contract/ecosystem.ts';
import { VERSION } from '../lib/version.ts';
import type { HarborSbomReport } from '../model/api/harbor.ts';
import { fromWire, type IndexReportWire } from '../model/index-report-wire.ts';
import { cycloneDxOf, sealCycloneDx } from '../sbom/write-cyclonedx.ts';
import { writeSpdx } from '../sbom/write-spdx.ts';
import type { SbomFormat } from './media-types.ts';
import type { HarborArtifact } from './scan-request.ts';
import { SCANNER } from './scanner.ts';

export interface SbomReportParts {
  readonly artifact: HarborArtifact;
  /** `harbor.example.com/library/app:1.0`. */
  readonly name: string;
  readonly index: IndexReportWire;
  readonly format: SbomFormat;
  readonly ecosystems: readonly Ecosystem[];
  readonly now: Date;
}

export function sbomReport(parts: SbomReportParts): z.infer<typeof HarborSbomReport> {
  const { artifact, name, index, format, ecosystems, now } = parts;
  const { report } = fromWire(index);
  const subject = {
    name,
    kind: 'registry',
    created: now.toISOString().replace(/\.\d+Z$/, 'Z'),
    toolVersion: VERSION,
    properties: [],
  };
  const text =
    format === 'application/spdx+json'
      ? writeSpdx(report, ecosystems, subject)
      : sealCycloneDx(cycloneDxOf(report, ecosystems, subject).document);
  return {
    generated_at: now.toISOString(),
    artifact,
    scanner: SCANNER,
    media_type: format,
    sbom: JSON.parse(text) as object,
    vendor_attributes: { packages: report.packages.length, problems: report.problems.length },
  };
}
