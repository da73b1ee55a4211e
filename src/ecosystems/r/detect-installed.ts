/** Finds installed R packages: each has a `DESCRIPTION` in a folder of a library. */
import type { Detection, Detector, LayerFile, LayerView } from '../../contract/detector.ts';
import { messageOf } from '../../errors.ts';
import { identifierOf } from '../../formats/json/file.ts';
import type { Repository } from '../../model/package.ts';
import { type Description, readDescription } from './description.ts';
import { BIOCONDUCTOR, CRAN } from './lookups.ts';

/** Libraries are called so: `/usr/lib/R/library`, `/usr/local/lib/R/site-library`, `renv/library/R-4.3/x86_64-pc-linux-gnu`. */
const PLACE = /(?:^|\/)(?:[a-z]*-)?library\/(?:[^/]+\/){1,5}DESCRIPTION$/;
/** The longest have 20 KiB. */
const MAX_BYTES = 1024 * 1024;

type Choice = (found: Description) => boolean;

function installed(id: string, repository: Repository, isOwn: Choice): Detector {
  return {
    id,
    revision: '2',
    kind: 'package',
    wants: ({ path, type }) =>
      path.endsWith('/DESCRIPTION') && (type === 'file' || type === 'hardlink') && PLACE.test(path),
    *read(layer): Generator<Detection> {
      let any = false;
      for (const file of layer.files) {
        const found = packageIn(layer, file, id, isOwn);
        any ||= found?.found === 'package';
        if (found !== undefined) yield found;
      }
      if (any) yield { found: 'repository', repository };
    },
  };
}

/** What R loads a package by. Packages that are examples or tests of an installed one have none. */
const METADATA = 'Meta/package.rds';

/** undefined: it is of the other registry, or no package. */
function packageIn(
  layer: LayerView,
  file: LayerFile,
  database: string,
  isOwn: Choice,
): Detection | undefined {
  const { path } = file;
  try {
    const isInstalled = layer.has(path.replace(/DESCRIPTION$/, METADATA));
    const found = readDescription(file.start(MAX_BYTES).toString(), isInstalled);
    // What comes with R is R.
    if (found === undefined || found.base || !isOwn(found)) return undefined;
    const [name, version] = [identifierOf(found.name), identifierOf(found.version)];
    if (name === undefined || version === undefined)
      return { found: 'problem', where: path, reason: 'no Package and Version that can be read' };
    return {
      found: 'package',
      package: { name, version, kind: 'binary', database: `${database}:${path}`, path },
    };
  } catch (error) {
    return { found: 'problem', where: path, reason: messageOf(error) };
  }
}

// differs: detectors that Clair does not have: R packages from CRAN and Bioconductor
export const cranInstalled = installed('cran', CRAN, ({ bioconductor }) => !bioconductor);

export const bioconductorInstalled = installed(
  'bioconductor',
  BIOCONDUCTOR,
  ({ bioconductor }) => bioconductor,
);
