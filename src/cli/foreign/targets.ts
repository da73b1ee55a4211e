/** How other scanners begin the name of what is scanned. */
import { stat } from 'node:fs/promises';
import { AppError } from '../../errors.ts';
import type { ForeignWord } from './word.ts';

const OF_GRYPE = 'Grype, Syft';
const OF_SCOUT = 'Docker Scout';

export const FOREIGN_TARGETS: readonly ForeignWord[] = [
  { words: ['registry://', 'remote:'], of: OF_SCOUT, value: 'NAME', does: { ours: 'docker://' } },
  { words: ['registry:'], of: OF_GRYPE, value: 'NAME', does: { ours: 'docker://' } },
  { words: ['oci-dir://'], of: OF_SCOUT, value: 'PATH', does: { ours: 'oci:' } },
  { words: ['oci-dir:'], of: OF_GRYPE, value: 'PATH', does: { ours: 'oci:' } },
  { words: ['sbom://'], of: OF_SCOUT, value: 'FILE', does: { ours: 'sbom:' } },
  { words: ['archive://'], of: OF_SCOUT, value: 'FILE', does: { ours: 'file:' } },
  { words: ['fs://'], of: OF_SCOUT, value: 'PATH', does: { ours: 'fs:' } },
  {
    words: ['docker-daemon:', 'local://'],
    of: 'skopeo, Docker Scout',
    value: 'NAME',
    does: { ours: 'docker:' },
  },
  { words: ['containers-storage:'], of: 'skopeo', value: 'NAME', does: { ours: 'podman:' } },
  {
    words: ['singularity:'],
    of: OF_GRYPE,
    value: 'FILE',
    does: { refused: 'Singularity images are not supported: unpack it, and run clairctl scan dir:PATH' },
  },
  {
    words: ['cpes:', 'cpe:'],
    of: 'Grype',
    value: 'NAME',
    does: {
      refused: 'packages are matched by package URL, not by CPE: use clairctl scan pkg:TYPE/NAME@VERSION',
    },
  },
  {
    words: ['git:', 'https://', 'http://', 'git@'],
    of: 'Trivy',
    value: 'URL',
    does: {
      refused:
        'repositories are not fetched: clone it, and run clairctl scan dir:PATH. Image names have no scheme',
    },
  },
];

/**
 * `text` in our words. `fs:PATH` and `file:PATH` are what is there of that name: never an image of a registry, however
 * they are mistyped. Throws `bad-target`.
 */
export async function readTargetWord(text: string): Promise<string> {
  if (text.startsWith('docker://')) return text;
  const [found] = FOREIGN_TARGETS.flatMap(({ words, does }) =>
    words.filter((word) => text.startsWith(word)).map((word) => ({ word, does })),
  );
  if (found !== undefined) {
    const rest = text.slice(found.word.length);
    if ('refused' in found.does) throw new AppError('bad-target', `${text}: ${found.does.refused}`);
    if ('ours' in found.does) return await readTargetWord(`${found.does.ours}${rest}`);
  }
  const [, kind, path] = /^(fs|file):(.*)$/s.exec(text) ?? [];
  if (path === undefined) return text;
  const there = await stat(path).catch(() => undefined);
  if (there === undefined)
    throw new AppError(
      'bad-target',
      `cannot read ${text}: file or directory ${JSON.stringify(path)} not found`,
    );
  if (kind === 'file' && !there.isFile())
    throw new AppError('bad-target', `cannot read ${text}: not a regular file`);
  // What is there could look like one of our prefixes: `./` keeps it a path.
  const plain = /^[./]/.test(path) ? path : `./${path}`;
  return there.isDirectory() ? `dir:${path}` : plain;
}
