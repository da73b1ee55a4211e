/** Indexing a big image, beside what `gzip -dc LAYER | tar -t` costs for the same layers in the same run. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../test/imports.ts';
import type { Bench } from './figures.ts';
import { type Cost, costOfCommand, costOfProcess, peakMemory } from './measure.ts';
import { type Layout, readLayout, serveLayout } from './oci-layout.ts';
import { postManifest, startService } from './service.ts';

export const benchIndex: Bench = async (report) => {
  const layout = bigImage();
  report('compressed', layout.layers.reduce((sum, { size }) => sum + size, 0) / 1e6, 'MB');

  const tar = await costOfLayers(layout, 'tar -t');
  await using server = await serveLayout(layout);
  await using service = await startService({ matcher: { disable_updaters: true } });
  const atRest = peakMemory(service.pid);
  let packages = 0;
  const index = await costOfProcess(service.pid, async () => {
    const done = await postManifest(service.address, server.manifest);
    if (done.state !== 'IndexFinished') throw new Error(`the image was not indexed: ${done.state}`);
    packages = Object.keys(done.packages).length;
  });

  report('packages', packages, 'packages');
  report('cpu', index.cpu, 's');
  report('wall', index.wall, 's');
  report('rss', peakMemory(service.pid), 'MB');
  report('rss_at_rest', atRest, 'MB');
  report('tar_cpu', tar.cpu, 's');
  report('tar_wall', tar.wall, 's');
  report('cpu_ratio', index.cpu / tar.cpu, 'x');
  report('wall_ratio', index.wall / tar.wall, 'x');
};

/** The image that is measured, built where it is missing. */
export function bigImage(): Layout {
  const built = execFileSync(process.execPath, [join(ROOT, 'bench', 'build-image.mjs')], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return readLayout(built.trim().split('\n').at(-1)!);
}

/** The layers one after the other: unpacked into `reader`, whose output is thrown away. */
export async function costOfLayers(layout: Layout, reader: string): Promise<Cost> {
  let total: Cost = { cpu: 0, wall: 0 };
  for (const { path } of layout.layers) {
    const { cpu, wall } = await costOfCommand('sh', ['-c', `gzip -dc "$0" | ${reader} >/dev/null`, path]);
    total = { cpu: total.cpu + cpu, wall: total.wall + wall };
  }
  return total;
}
