/** Files of projects: those of builds of Java and its kin. */
import type { ProjectFile } from '../../contract/project-file.ts';
import { says } from '../../formats/locks/project-files.ts';

export const projectFiles: readonly ProjectFile[] = [
  {
    is: /(?:^|\/)build\.gradle(?:\.kts)?$/,
    needs: says(
      /\b(?:\w*[iI]mplementation|api|\w*[cC]ompile(?:Only)?|\w*[rR]untimeOnly|classpath)\s*[( ]\s*["'l(p]/,
    ),
    locked: /^(?:buildscript-)?gradle\.lockfile$/,
  },
  { is: /(?:^|\/)build\.sbt$/, needs: says(/\blibraryDependencies\b/), locked: /\.sbt\.lock$/ },
  { is: /(?:^|\/)ivy\.xml$/, needs: says(/<dependency\b/) },
  { is: /(?:^|\/)project\.clj$/, needs: says(/:dependencies\s*\[\s*\[/) },
  { is: /(?:^|\/)deps\.edn$/, needs: says(/:(?:mvn\/version|git\/\w+)\b/) },
  { is: /(?:^|\/)(?:\w+_)?maven_install\.json$/, needs: says(/"artifacts"/) },
];
