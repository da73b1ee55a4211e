/** Tells of projects in folders of sources whose packages no list names that is read. */
import type { Detection, Detector, LayerView } from '../../contract/detector.ts';
import type { Ecosystem } from '../../contract/ecosystem.ts';
import { messageOf } from '../../errors.ts';
import { decodeText } from '../../formats/json/envelope.ts';
import { isOfProject } from '../lock-files.ts';
import { folderOf } from '../package-folders.ts';

/** Projects that nobody builds to run them. */
const SAMPLES = /(?:^|\/)(?:tests?|spec|examples?|samples?|docs?|templates?|bench(?:mark)?s?)\//i;

const MAX_BYTES = 1024 * 1024;

/** Returns the detector of the project files that `ecosystems` name. */
// differs: a detector that Clair does not have: projects without a lock file
export function projectsOf(ecosystems: readonly Ecosystem[]): Detector {
  const all = ecosystems.flatMap(({ projectFiles = [] }) => projectFiles);
  // One expression for all, as every file is asked.
  const any = new RegExp(all.map(({ is }) => `(?${is.flags}:${is.source})`).join('|'));
  return {
    id: 'project-file',
    revision: '2',
    kind: 'package',
    checkouts: true,
    wants: ({ path, type }) => type === 'file' && any.test(path) && isOfProject(path) && !SAMPLES.test(path),
    *read(layer): Generator<Detection> {
      for (const file of layer.files) {
        const { path } = file;
        const project = all.find(({ is }) => is.test(path));
        if (project === undefined || isLocked(layer, folderOf(path), project.locked)) continue;
        const tell = (reason: string): Detection => ({
          found: 'problem',
          where: path,
          reason,
          kind: 'unread-inventory',
        });
        try {
          const how = project.locked === undefined ? 'in a list that is not read' : 'without a lock file';
          if (project.needs(decodeText(file.start(MAX_BYTES))))
            yield tell(`a project that needs packages ${how}`);
          else if (file.size > MAX_BYTES)
            yield tell('a project file that is too large: its packages are not known');
        } catch (error) {
          yield tell(`what the project needs cannot be read: ${messageOf(error)}`);
        }
      }
    },
  };
}

/** A lock file above is that of a workspace. */
function isLocked(layer: LayerView, folder: string, locked: RegExp | undefined): boolean {
  if (locked === undefined) return false;
  if (layer.names(folder).some((name) => locked.test(name))) return true;
  return folder !== '' && isLocked(layer, folderOf(folder), locked);
}
