/** Files of projects: those of Dart. */
import type { ProjectFile } from '../../contract/project-file.ts';
import { says } from '../../formats/locks/project-files.ts';

export const projectFiles: readonly ProjectFile[] = [
  { is: /(?:^|\/)pubspec\.yaml$/, needs: says(/^(?:dev_)?dependencies:\s+\w/m), locked: /^pubspec\.lock$/ },
];
