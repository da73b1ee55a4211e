/** Files of projects: those of .NET. */
import type { ProjectFile } from '../../contract/project-file.ts';
import { says } from '../../formats/locks/project-files.ts';

export const projectFiles: readonly ProjectFile[] = [
  {
    is: /(?:^|\/)[^/]+\.(?:cs|fs|vb)proj$/i,
    needs: says(/<PackageReference\b/i),
    locked: /^(?:packages(?:\.[\w.-]+)?\.lock\.json|packages\.config|paket\.lock)$/i,
  },
  { is: /(?:^|\/)paket\.dependencies$/, needs: says(/^[ \t]*nuget\s/m), locked: /^paket\.lock$/ },
];
