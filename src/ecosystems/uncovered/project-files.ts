/** Files of projects: those of languages and tools of which there is no feed. */
import type { ProjectFile } from '../../contract/project-file.ts';
import { needsInJson, says } from '../../formats/locks/project-files.ts';

export const projectFiles: readonly ProjectFile[] = [
  { is: /(?:^|\/)bower\.json$/, needs: needsInJson(['dependencies']), locked: /^bower_components$/ },
  {
    is: /(?:^|\/)(?:conda-)?environment\.ya?ml$/,
    needs: says(/^dependencies:\s*-/m),
    locked: /^conda-lock\.yml$/,
  },
  { is: /(?:^|\/)pixi\.toml$/, needs: says(/^\[(?:pypi-)?dependencies\]/m), locked: /^pixi\.lock$/ },
  { is: /(?:^|\/)MODULE\.bazel$/, needs: says(/^[ \t]*(?:bazel_dep|maven\.\w+)\s*\(/m) },
  {
    is: /(?:^|\/)WORKSPACE(?:\.bazel|\.bzlmod)?$/,
    needs: says(/\b(?:http_archive|git_repository|maven_install)\s*\(/),
  },
  { is: /(?:^|\/)cpanfile$/, needs: says(/^[ \t]*requires\b/m), locked: /^cpanfile\.snapshot$/ },
  { is: /(?:^|\/)[\w.-]+\.rockspec$/, needs: says(/^[ \t]*dependencies\s*=\s*\{\s*["']/m) },
  {
    is: /(?:^|\/)conanfile\.(?:txt|py)$/,
    needs: says(/\[(?:tool_)?requires\]\s+\w|\brequires\b\s*[=(]/),
    locked: /^conan\.lock$/,
  },
  { is: /(?:^|\/)vcpkg\.json$/, needs: says(/"dependencies"\s*:\s*\[\s*["{]/) },
  { is: /(?:^|\/)Podfile$/, needs: says(/^[ \t]*pod\b/m), locked: /^Podfile\.lock$/ },
  { is: /(?:^|\/)Cartfile(?:\.resolved)?$/, needs: says(/^[ \t]*(?:github|git|binary)\b/m) },
  { is: /(?:^|\/)shard\.yml$/, needs: says(/^dependencies:\s+\w/m) },
  { is: /(?:^|\/)(?:dub|elm)\.json$/, needs: needsInJson(['dependencies']) },
  { is: /(?:^|\/)[\w.-]+\.nimble$/, needs: says(/^[ \t]*requires\b/m) },
  { is: /(?:^|\/)build\.zig\.zon$/, needs: says(/\.url\s*=/) },
  { is: /(?:^|\/)subprojects\/[^/]+\.wrap$/, needs: says(/^\[wrap-/m) },
];
