/** What other scanners say of a component beside its package URL, by their documented property names. */

import type { Digest } from '../../model/digest.ts';
import type { SourcePackage } from '../../model/package.ts';
import { streamOf } from '../versions/module-stream.ts';
import { property, type SbomComponent } from './document.ts';

/** Where the component was found. */
export interface ComponentPlace {
  readonly path: string;
  readonly layer?: Digest;
}

const TRIVY = 'aquasecurity:trivy:';

/** Syft: `syft:location:0:path` and `:layerID`; Trivy: `FilePath`, `LayerDiffID`, `LayerDigest`. */
export function placeOf(component: SbomComponent): ComponentPlace {
  const layer =
    digestIn(property(component, 'syft:location:0:layerID')) ??
    digestIn(property(component, `${TRIVY}LayerDigest`)) ??
    digestIn(property(component, `${TRIVY}LayerDiffID`));
  const path = property(component, 'syft:location:0:path') || property(component, `${TRIVY}FilePath`);
  return { path: path.replace(/^\/+/, ''), ...(layer && { layer }) };
}

/** What it was built from; undefined if nothing says so. */
export function sourceOf(component: SbomComponent): SourcePackage | undefined {
  const of = (name: string): string => property(component, name);
  const trivy = of(`${TRIVY}SrcName`);
  if (trivy !== '') {
    const epoch = /^[1-9]\d*$/.test(of(`${TRIVY}SrcEpoch`)) ? `${of(`${TRIVY}SrcEpoch`)}:` : '';
    const release = of(`${TRIVY}SrcRelease`);
    const version = `${epoch}${of(`${TRIVY}SrcVersion`)}${release && `-${release}`}`;
    return { name: trivy, version: of(`${TRIVY}SrcVersion`) === '' ? component.version : version };
  }
  const syft = of('syft:metadata:source') || of('syft:metadata:originPackage');
  if (syft !== '') return { name: syft, version: of('syft:metadata:sourceVersion') || component.version };
  const [, name, version = ''] = /^(.+)@(.*)$/s.exec(of('source')) ?? [];
  return name === undefined ? undefined : { name, version };
}

/** The stream of the module that an rpm is of, `NAME:STREAM`; undefined if nothing says so. Syft's package URLs do not. */
export function moduleOf(component: SbomComponent): string | undefined {
  return streamOf(property(component, 'syft:metadata:modularityLabel'));
}

/** ID and VERSION_ID of os-release(5), of an operating system. */
export function osRelease(component: SbomComponent): { id: string; version: string } {
  return {
    id: property(component, 'syft:distro:id') || component.name,
    version: property(component, 'syft:distro:versionID') || component.version,
  };
}

/** A digest, of which some write only the hex. */
export function digestIn(text: string): Digest | undefined {
  const [, hex] = /(?:^|@|\b)sha256:([0-9a-f]{64})$/.exec(text) ?? [];
  return hex === undefined ? undefined : (`sha256:${hex}` as Digest);
}
