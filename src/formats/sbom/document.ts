/** What an SBOM says, whatever its format. */
import type { Problem } from '../../model/package.ts';

export interface SbomComponent {
  /** By which the document refers to it; '' if it has none. */
  readonly ref: string;
  readonly role: 'package' | 'operating-system' | 'other';
  readonly name: string;
  readonly version: string;
  /** '' if there is none. */
  readonly purl: string;
  /** Names may come several times. */
  readonly properties: readonly (readonly [name: string, value: string])[];
  /** The files that it is, or has, as written. */
  readonly files?: readonly string[];
}

export interface SbomDocument {
  /** E.g. `CycloneDX 1.6 (JSON)`. */
  readonly format: string;
  /** Serial number and version, by which a BOM-Link names it (CycloneDX); undefined: it has none. */
  readonly serial?: string;
  readonly version?: string;
  /** What it describes. */
  readonly subject?: SbomComponent;
  /** About the document. */
  readonly properties: SbomComponent['properties'];
  readonly components: readonly SbomComponent[];
  /** Records that could not be read. */
  readonly problems: readonly Problem[];
}

/** What of a component or a document `name` says; '' if nothing. */
export function property({ properties }: Pick<SbomComponent, 'properties'>, name: string): string {
  return properties.find(([key]) => key === name)?.[1] ?? '';
}

/** The source of problems that readers of SBOMs meet. */
export const SBOM = 'sbom';

/** More components than any real one has. */
export const MAX_COMPONENTS = 500_000;

/** As `files` of a component, if there are any. */
export function filesOf(paths: readonly string[]): Pick<SbomComponent, 'files'> {
  const files = paths.filter((path) => path !== '');
  return files.length === 0 ? {} : { files };
}

/** `component`, and one for each of `purls` that names another package: a record can have several. */
export function ofEachPurl(component: SbomComponent, purls: readonly string[]): SbomComponent[] {
  const plain = (purl: string): string => purl.replace(/[?#].*$/s, '');
  const others = new Map(purls.map((purl) => [plain(purl), purl]));
  others.delete(plain(component.purl));
  others.delete('');
  return [
    component,
    ...[...others.values()].map((purl) => ({
      ...component,
      role: 'package' as const,
      name: '',
      version: '',
      purl,
    })),
  ];
}

/** Collects components and problems, both up to a bound. */
export class Components {
  readonly components: SbomComponent[] = [];
  readonly problems: Problem[] = [];

  add(component: SbomComponent): void {
    if (this.components.length < MAX_COMPONENTS) this.components.push(component);
    else if (this.components.length === MAX_COMPONENTS)
      this.problem(component.ref, `more than ${MAX_COMPONENTS} components`);
  }

  problem(where: string, reason: string): void {
    if (this.problems.length < 1000) this.problems.push({ source: SBOM, where: where || 'document', reason });
  }
}
