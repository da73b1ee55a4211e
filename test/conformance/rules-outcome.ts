/** Rules about images that Clair refuses, or refuses otherwise, and what follows from that. */
import { isThere } from './image-evidence.ts';
import { fileAt, type Layer } from './layers.ts';
import type { NormalPackage } from './normal-form.ts';
import { osReleaseLines } from './release-evidence.ts';
import type { Case, Rule } from './rule.ts';

const failedInClair = (err: string, pattern: RegExp) => pattern.test(err);

/** The rules. */
export const outcomeRules: readonly Rule[] = [
  {
    id: 'client-fault-status',
    reason:
      'a layer that its server refuses, or that has another digest, is 422, a URL that can never work and a broken tar 400: nothing of the indexer is broken (clair-service.md#faults-of-the-client)',
    explains: (atom, at) =>
      atom.atom === 'outcome' &&
      atom.what === 'status' &&
      atom.golden === '500' &&
      at.ours.state === 'IndexError' &&
      ((atom.ours === '422' &&
        failedInClair(at.golden.err, /validation failed|unexpected status code: "4/)) ||
        (atom.ours === '400' &&
          failedInClair(at.golden.err, /unsupported protocol scheme|no uri|invalid tar header/))),
  },
  {
    id: 'bad-record-is-data',
    reason:
      'a record or file that cannot be read is a problem of the report, not the end of the image (clair-indexing.md#one-bad-record, clair-indexing.md#language-versions)',
    explains: (atom, at) =>
      atom.atom === 'outcome' &&
      at.ours.state === 'IndexFinished' &&
      at.ours.problems > 0 &&
      failedInClair(at.golden.err, /failed to scan all layer contents/),
  },
  {
    id: 'layer-type-conflict',
    reason:
      'a file over a directory, or the other way round, is what an unpacker makes of it (clair-indexing.md#files-directories-and-links)',
    explains: (atom, at) =>
      atom.atom === 'outcome' &&
      at.ours.state === 'IndexFinished' &&
      failedInClair(at.golden.err, /cannot replace|already exists|not a directory/),
  },
  {
    id: 'content-type-parameters',
    reason:
      'a Content-Type with parameters and that of foreign layers are read (clair-indexing.md#content-types-of-layers)',
    explains: (atom, at) =>
      atom.atom === 'outcome' &&
      at.ours.state === 'IndexFinished' &&
      failedInClair(at.golden.err, /unknown content-type "[^"]*(;|foreign)/),
  },
  {
    id: 'truncated-layer',
    reason: 'a layer that ends in the middle of a file is refused: nobody knows what else is missing',
    explains: (atom, at) =>
      (atom.atom === 'outcome' || ('side' in atom && atom.side === 'missing')) &&
      at.ours.state === 'IndexError' &&
      at.golden.state === 'IndexFinished' &&
      /unexpected EOF|data after a zero block/i.test(at.ours.err),
  },
  {
    id: 'os-release-line',
    reason: 'a line of os-release that is no assignment is skipped (clair-indexing.md#one-bad-record)',
    explains(atom, at) {
      const line = /osrelease: malformed line "(.*)"/.exec(at.golden.err)?.[1];
      if (atom.atom !== 'outcome' || line === undefined) return false;
      return at.ours.state === 'IndexFinished' && osReleaseLines(at).some((each) => each.trim() === line);
    },
  },
  {
    id: 'dangling-link',
    reason: 'a link that leads nowhere is like no file (clair-indexing.md#rpm-databases)',
    explains(atom, at) {
      const path = /open (\S+): file does not exist/.exec(at.golden.err)?.[1];
      if (atom.atom !== 'outcome' || path === undefined) return false;
      const leadsThere = (layer: Layer) =>
        [...layer.links].some(([link, target]) => target === path && fileAt(layer, link) === undefined);
      return at.ours.state === 'IndexFinished' && at.layers().some(leadsThere);
    },
  },
  {
    id: 'no-utf8',
    reason: 'a name that is no UTF-8 is shown as far as it is (clair-indexing.md#one-bad-record)',
    explains: (atom, at) =>
      atom.atom === 'outcome' &&
      at.ours.state === 'IndexFinished' &&
      failedInClair(at.golden.err, /invalid byte sequence for encoding "UTF8"/),
  },
  {
    id: 'repository-of-packages',
    reason: 'a repository is told with the packages that come from it, which have reasons of their own',
    explains(atom, at) {
      if (atom.atom !== 'repository') return false;
      const users = ({ packages }: Case['ours']): NormalPackage[] =>
        packages.filter(({ environments }) =>
          environments.some(({ repositories }) => JSON.parse(repositories)?.includes(atom.value)),
        );
      return atom.side === 'extra'
        ? users(at.ours).length > 0 && users(at.golden).length === 0
        : users(at.golden).length > 0 && users(at.ours).length === 0;
    },
  },
  {
    id: 'content-of-refused-image',
    reason:
      'an image that Clair refuses for no good reason has a content (the refusal has a rule of its own)',
    explains(atom, at) {
      if (at.golden.state !== 'IndexError' || at.ours.state !== 'IndexFinished') return false;
      // Which distribution it is of has a rule too.
      return (
        (atom.atom === 'package' && atom.side === 'extra' && isThere(atom.package, at)) ||
        (atom.atom === 'repository' && atom.side === 'extra')
      );
    },
  },
];
