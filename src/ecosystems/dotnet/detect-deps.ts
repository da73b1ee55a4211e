/** Finds the NuGet packages of .NET applications and of the shared runtime: `*.deps.json` beside their programs, or in them. */

import type { Detection, Detector, LayerView } from '../../contract/detector.ts';
import { messageOf } from '../../errors.ts';
import { readJsonFile } from '../../formats/json/file.ts';
import type { Repository } from '../../model/package.ts';
import { inApplications } from './application-files.ts';
import { MAX_FILE, readDeps } from './deps-file.ts';

/** Where .NET packages come from. */
export const NUGET: Repository = { name: 'nuget', uri: 'https://www.nuget.org/packages/' };

/** What .NET programs are made of. */
// differs: a detector that Clair does not have: NuGet packages in .NET applications and runtimes
export const deps: Detector = {
  id: 'dotnet-deps',
  revision: '3',
  kind: 'package',
  wants: ({ path, type }) =>
    (type === 'file' || type === 'hardlink') && path.endsWith('.deps.json') && !/(?:^|\/)\.[^/]*$/.test(path),
  read: readLayer,
  brings: inApplications,
};

function* readLayer(layer: LayerView): Generator<Detection> {
  let any = false;
  for (const file of layer.files) {
    for (const found of packagesIn(file.path, () => readJsonFile(file, MAX_FILE))) {
      any ||= found.found === 'package';
      yield found;
    }
  }
  if (any) yield { found: 'repository', repository: NUGET };
}

/** The packages of the document that lies at `path`. */
export function* packagesIn(path: string, document: () => unknown): Generator<Detection> {
  try {
    const { packages, unreadable } = readDeps(document());
    for (const { name, version } of packages) {
      yield {
        found: 'package',
        package: { name, version, kind: 'binary', database: `nuget:${path}`, path },
      };
    }
    if (unreadable > 0) {
      const reason = `${unreadable} of its libraries have no readable type, name and version`;
      yield { found: 'problem', where: path, reason };
    }
  } catch (error) {
    yield { found: 'problem', where: path, reason: messageOf(error) };
  }
}
