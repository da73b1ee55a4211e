/** Reads an SBOM into the index report of the image that it describes. */
import type { Ecosystem } from '../contract/ecosystem.ts';
import { readDocument } from '../formats/sbom/read-document.ts';
import type { IndexReport } from '../model/index-report.ts';
import type { ComponentName } from './gather-packages.ts';
import { toIndexReport } from './to-index-report.ts';

export interface SbomReading {
  /** E.g. `CycloneDX 1.6 (JSON)`. */
  readonly format: string;
  /** What the document says that it describes; '' if it does not. */
  readonly subject: string;
  readonly report: IndexReport;
  readonly names: SbomNames;
}

/** By what statements of others may name the document and what is in it. */
export interface SbomNames {
  /** Serial number and version of a BOM-Link; undefined: it has none. */
  readonly serial?: string;
  readonly version?: string;
  /** What it describes; undefined: it does not say. */
  readonly subject?: ComponentName & { readonly name: string };
  /** By position of the package in the report: the components that it is. */
  readonly components: readonly (readonly ComponentName[])[];
}

/** Reads `bytes`; `name` is for messages. Throws `bad-target` if they are no SBOM; a bad component is a problem. */
export function readSbom(bytes: Buffer, name: string, ecosystems: readonly Ecosystem[]): SbomReading {
  const document = readDocument(bytes, name);
  const { format, serial, version, subject } = document;
  const { report, components } = toIndexReport(document, bytes, ecosystems);
  return {
    format,
    subject: subject?.name ?? '',
    report,
    names: {
      ...(serial !== undefined && { serial }),
      ...(version !== undefined && { version }),
      ...(subject && { subject }),
      components,
    },
  };
}
