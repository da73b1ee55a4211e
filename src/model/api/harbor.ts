/** What Harbor's pluggable scanner API takes and gives (goharbor/pluggable-scanner-spec, version 1.2). */
import { z } from 'zod';
import { SEVERITIES } from '../severity.ts';
import { anyObject, listOf, oneOf, text } from './schema.ts';

const Scanner = z.object({ name: text(), vendor: text(), version: text() });

const Artifact = z.object({
  repository: z.string().max(1000),
  digest: z.string().max(1000).nullish(),
  tag: z.string().max(1000).nullish(),
  mime_type: z.string().max(1000).nullish(),
});

export const HarborMetadata = z.object({
  scanner: Scanner,
  capabilities: listOf(
    z.object({
      type: oneOf('What it produces.', ['vulnerability', 'sbom']),
      consumes_mime_types: listOf(text()),
      produces_mime_types: listOf(text()),
      additional_attributes: z.object({ sbom_media_types: listOf(text()) }).exactOptional(),
    }),
  ),
  properties: z.record(z.string(), z.string()),
});

export const HarborScanRequest = z.object({
  registry: z.object({
    url: z.string().max(4000).describe('Base URL of the registry.'),
    authorization: z.string().max(64_000).nullish().describe('`Authorization` header for the registry.'),
  }),
  artifact: Artifact,
  enabled_capabilities: z
    .array(
      z.object({ type: z.string().max(100), produces_mime_types: z.array(z.string()).max(100).nullish() }),
    )
    .max(100)
    .nullish(),
});

export const HarborScanResponse = z.object({ id: text('Of the scan.') });

const Severity = oneOf('One of six.', SEVERITIES);

export const HarborVulnerabilityReport = z.object({
  generated_at: text('Now.', { format: 'date-time' }),
  artifact: Artifact,
  scanner: Scanner,
  severity: Severity,
  vulnerabilities: listOf(
    z.object({
      id: text('The CVE ID where there is one.'),
      package: text(),
      version: text(),
      fix_version: text().exactOptional(),
      severity: Severity,
      description: text(),
      links: listOf(text()),
      preferred_cvss: z
        .object({
          score_v3: z.number().exactOptional(),
          vector_v3: text().exactOptional(),
          score_v2: z.number().exactOptional(),
          vector_v2: text().exactOptional(),
        })
        .exactOptional(),
      vendor_attributes: z.record(z.string(), z.unknown()),
    }),
  ),
});

export const HarborSbomReport = z.object({
  generated_at: text('Now.', { format: 'date-time' }),
  artifact: Artifact,
  scanner: Scanner,
  media_type: text(),
  sbom: anyObject,
  vendor_attributes: z.record(z.string(), z.unknown()),
});

export const HarborReport = z
  .union([HarborVulnerabilityReport, HarborSbomReport])
  .describe('Vulnerabilities, or an SBOM, as `Accept` asks.');

export const HarborError = z.object({ error: z.object({ message: text() }) });
