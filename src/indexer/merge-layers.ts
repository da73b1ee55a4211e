/** From what was found in the layers to the report on the image. */
import type { Coalesced } from '../contract/coalesce.ts';
import type { Ecosystem } from '../contract/ecosystem.ts';
import type { LayerScan } from '../image/layer/layer-scan.ts';
import type { IndexReport } from '../model/index-report.ts';
import type { Distribution, Repository } from '../model/package.ts';
import { detectorKey } from './indexer-state.ts';
import { isListed, listedAlone, listedPackages } from './listed-packages.ts';
import { mergeLedger } from './merge-ledger.ts';
import { settleInventories } from './settle-inventories.ts';
import { standingProblems } from './standing-problems.ts';

/** Lets every ecosystem add up its own detections, in the order of `ecosystems`, and puts the results together. */
export function mergeLayers(
  ecosystems: readonly Ecosystem[],
  layers: readonly LayerScan[],
): Pick<IndexReport, 'packages' | 'distributions' | 'repositories' | 'problems' | 'ledger' | 'linked'> {
  const merged = ecosystems.map((ecosystem) => coalesceOwn(ecosystem, layers));
  const known = merged
    .filter((_, index) => !ecosystems[index]?.fallback)
    .flatMap(({ distributions }) => distributions);
  const distributions = known.length > 0 ? known : merged.flatMap(({ distributions: own }) => own);
  const listed = listedPackages(ecosystems, layers, merged);
  const packages = [...merged, listed].flatMap((each) => each.packages);
  const problems = [...standingProblems(layers), ...listedAlone(distributions, merged, listed)];
  const linked = merged.flatMap((each) => each.linked ?? []);
  return {
    packages,
    distributions: unique<Distribution>([...distributions, ...listed.distributions]),
    repositories: unique<Repository>([...merged, listed].flatMap(({ repositories }) => repositories)),
    problems: settleInventories(problems, packages),
    ledger: mergeLedger(layers),
    ...(linked.length > 0 && { linked }),
  };
}

function coalesceOwn(ecosystem: Ecosystem, layers: readonly LayerScan[]): Coalesced {
  const own = new Set(ecosystem.detectors.map(detectorKey));
  return ecosystem.coalesce(
    layers.map((layer) => ({
      ...layer,
      found: layer.found.filter((item) => own.has(item.detector) && !isListed(item)),
    })),
  );
}

function unique<T>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}
