/** Reads an SBOM into the index report of the image that it describes. */
import type { Ecosystem } from '../contract/ecosystem.ts';
import type { IndexReport } from '../model/index-report.ts';
import { readDocument } from './read-document.ts';
import { toIndexReport } from './to-index-report.ts';

export interface SbomReading {
  /** E.g. `CycloneDX 1.6 (JSON)`. */
  readonly format: string;
  /** What the document says that it describes; '' if it does not. */
  readonly subject: string;
  readonly report: IndexReport;
}

/** Reads `bytes`; `name` is for messages. Throws `bad-target` if they are no SBOM; a bad component is a problem. */
export function readSbom(bytes: Buffer, name: string, ecosystems: readonly Ecosystem[]): SbomReading {
  const document = readDocument(bytes, name);
  return {
    format: document.format,
    subject: document.subject?.name ?? '',
    report: toIndexReport(document, bytes, ecosystems),
  };
}
