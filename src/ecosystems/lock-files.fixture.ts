/** For tests: what the detectors of lists find in files, and a case of their tables. */
import type { LayerView } from '../contract/detector.ts';
import { layerFile } from '../contract/layer-file.fixture.ts';
import { ecosystems } from './index.ts';

const detectors = ecosystems.flatMap((each) => each.detectors).filter(({ checkouts }) => checkouts);

/** `name version` of all that is listed in these files, then what is told beside that a file was read. */
export function listed(contents: Readonly<Record<string, string | Buffer>>): string[] {
  const all = Object.entries(contents).map(([path, content]) => layerFile(path, content));
  const names: LayerView['names'] = (folder) => {
    const prefix = folder === '' ? '' : `${folder}/`;
    const below = Object.keys(contents).filter((path) => path.startsWith(prefix));
    return [...new Set(below.map((path) => path.slice(prefix.length).split('/', 1)[0]!))];
  };
  return detectors.flatMap((detector) => {
    const files = all.filter(({ path }) => detector.wants?.({ path, type: 'file', size: 1, mode: 0o644 }));
    const file: LayerView['file'] = (path) => files.find((each) => each.path === path);
    return [...(detector.read?.({ files, file, names, has: () => false }) ?? [])].flatMap((found) => {
      if (found.found === 'package') {
        const { name, version, module } = found.package;
        return `${name} ${version}${module ? ` ${module}` : ''}`;
      }
      if (found.found !== 'problem') return [];
      return found.kind === 'note' && found.reason.endsWith('it was read') ? [] : `! ${found.reason}`;
    });
  });
}

export const lines = (...all: string[]): string => `${all.join('\n')}\n`;

export type Case = [path: string, content: string | Record<string, string>, want: readonly string[]];
