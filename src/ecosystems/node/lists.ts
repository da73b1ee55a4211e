/** Lists of npm packages that are told of in images. */
import type { PackageList } from '../../contract/package-list.ts';
import { fieldOf, fieldsIn } from '../../formats/json/file.ts';
import { namesBy, namesInJson } from '../../formats/locks/names.ts';

export const nodeLists: readonly PackageList[] = [
  { is: /^(?:package-lock|npm-shrinkwrap)\.json$/, names: namesInJson(ofNpm) },
  { is: /^yarn\.lock$/, names: namesBy(/^"?(@?[^@\s"#]+)@[^\n]*:$/gm) },
  { is: /^pnpm-lock\.yaml$/, names: namesBy(/^ {2}'?\/?(@?[^@(:\s'/]+(?:\/[^@(:\s'/]+)?)[@/]\d/gm) },
  // Those of Bun are JSON with commas too many, or binary; Plug'n'Play has packages in archives.
  { is: /^bun\.lock$/, names: namesBy(/^ {4}"[^"\n]+": \["((?:@[^/@"\n]+\/)?[^@"\n]+)@/gm) },
  { is: /^bun\.lockb$/, names: () => [] },
  { is: /^deno\.lock$/, names: namesBy(/"((?:@[^/@"\n]+\/)?[^@"/\n:]+)@\d[^"\n]*": *\{/g) },
  { is: /^\.pnp\.c?js$/, names: namesBy(/^ {6}\["((?:@[^/"\n]+\/)?[^"\n]+)", \[/gm) },
  { is: /^\.pnp\.data\.json$/, names: namesInJson(ofPnpData) },
];

function ofNpm(document: unknown): string[] {
  const packages = fieldsIn(fieldOf(document, 'packages')).filter(([path]) => path.includes('node_modules/'));
  const older = fieldsIn(fieldOf(document, 'dependencies'));
  return (packages.length > 0 ? packages : older)
    .filter(([, value]) => isInstalled(value))
    .map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 1).replace(/^ode_modules\//, ''));
}

/** What is for development only, or only for other machines, is not meant to be there. */
function isInstalled(value: unknown): boolean {
  return !['dev', 'optional', 'devOptional', 'link', 'peer'].some((key) => fieldOf(value, key) === true);
}

/** Pairs of a name and what is known of it; that of the project itself is null. */
function ofPnpData(document: unknown): string[] {
  const registry = fieldOf(document, 'packageRegistryData');
  return (Array.isArray(registry) ? registry : []).flatMap((pair: unknown) => {
    const [name] = Array.isArray(pair) ? (pair as unknown[]) : [];
    return typeof name === 'string' ? [name] : [];
  });
}
