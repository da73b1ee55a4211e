/** What of a package of pacman is looked up in Arch's security tracker. */
import type { Lookup } from '../../contract/lookup.ts';
import type { IndexRecord } from '../../model/index-report.ts';
import { ARCH } from './release.ts';

/** The package by its own name: a group of the tracker lists every package of a base that it is about. */
export function lookups({ package: installed, distribution, repository }: IndexRecord): Lookup[] {
  const { name, version, kind } = installed;
  if (distribution?.did !== ARCH || repository !== undefined || kind !== 'binary' || name === '') return [];
  return [{ scope: ARCH, name, kind, version }];
}
