/**
 * The goals for what a user waits for, on a machine of 2 cores at a load below 2: each row three times, medians beside their
 * goals. The run fails if a goal is missed. CPU is user and system time of all processes, PostgreSQL's included.
 */
import type { Bench } from './figures.ts';
import { measureScans } from './goals-scans.ts';
import { measureFirstPost, measureService } from './goals-service.ts';
import { bigImage, costOfLayers } from './index-image.ts';
import { median } from './measure.ts';
import { requireRecordings } from './recorded.ts';

/** Figures of one run by name. */
export type Figures = Readonly<Record<string, number>>;

const RUNS = 3;
/** Small images, by the names of their recordings. */
const SMALL = ['debian12-base', 'alpine318-multi'];

/** Name of a figure -> unit and goal. */
const GOALS: Readonly<Record<string, readonly [unit: string, most?: number]>> = {
  image_new_cpu: ['s', 7],
  image_new_wall: ['s', 5.5],
  image_new_memory: ['MB', 300],
  // To `gzip -dc LAYER | sha256sum` of its layers.
  image_new_ratio: ['x'],
  image_again_cpu: ['s', 0.3],
  image_again_wall: ['s', 0.3],
  small_new_cpu: ['s'],
  small_new_wall: ['s', 1.2],
  small_again_cpu: ['s', 0.3],
  small_again_wall: ['s', 0.3],
  first_post_cpu: ['s', 0.15],
  update_cpu_process: ['s', 10],
  update_cpu_postgres: ['s', 6],
  update_rss: ['MB', 220],
  report_first_cpu: ['s', 0.15],
  report_again_cpu: ['s', 0.01],
  repeat_post_p99: ['ms'],
  repeat_get_p99: ['ms'],
  // As GET's, with room for noise: the two are asked one after the other.
  repeat_p99_ratio: ['x', 2],
  post_cpu: ['s', 8],
  post_wall: ['s', 5],
  post_rss: ['MB', 200],
};

export const benchGoals: Bench = async (report, { feeds }) => {
  requireRecordings(feeds);
  const image = bigImage();
  const runs: Figures[] = [];
  for (let run = 0; run < RUNS; run++) {
    const big = await measureScans('image', [image.folder]);
    const unpacked = await costOfLayers(image, 'sha256sum');
    runs.push({
      ...big,
      image_new_ratio: big.image_new_cpu! / unpacked.cpu,
      ...(await measureScans(
        'small',
        SMALL.map((name) => `${feeds}/images/${name}/oci`),
      )),
      ...(await measureFirstPost(feeds, SMALL[0]!)),
      ...(await measureService(feeds, image)),
    });
    console.log(`# run ${run + 1}: ${JSON.stringify(runs.at(-1))}`);
  }
  for (const [name, [unit, most]] of Object.entries(GOALS))
    report(name, median(runs.map((figures) => figures[name]!)), unit, most);
};
