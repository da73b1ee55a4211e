/**
 * `npm run bench -- [NAME…] [--feeds DIR]`: measures this program on this machine, and prints `name.figure value unit` lines, with limits.
 *
 *     cli       a scan by clairctl with its database: new, known, and known without a server that lingers
 *     index     indexing an image of over 300 MB, beside listing its layers by gzip and tar
 *     match     loading feeds and making reports; --feeds: a folder of recorded feeds and images
 *     update    a first update of small and of large feeds, beside parsing alone; --size: the part of production size of the large ones
 *     affected  from 1,000 vulnerabilities to those of 1,000 manifests that they affect
 *     load      8 clients that ask for reports; --seconds: how long (default 60)
 *     scale     all feeds at production size; --feeds: a folder of them with the next day's, or --size: what part of it to make
 *     pull      a published database of production size: its weight, a pull, the next day's; --feeds and --size as of scale
 *     notify    from 10,000 changed advisories to the notifications of 2,000 manifests
 *     million   a store of very many manifests, and of half as many, beside the goals for a million: --manifests (default 50,000), of which the first --saved
 *               (default 50,000) are stored as the indexer does, and the others are copies; --compact: with `store.compact`;
 *               --bases: base images, default 12
 *     console   what each view of the console costs over very many images: --manifests (default 50,000)
 *     goals     what a user waits for: scans, POSTs, an update, reports, three medians beside their goals; --feeds as of match
 *     startup   the service, the embedded database, clairctl
 */
import { platform } from 'node:os';
import { parseArgs } from 'node:util';
import { DEFAULT_CORPUS } from '../test/conformance/corpus.ts';
import { benchAffected } from './affected.ts';
import { benchCli } from './cli.ts';
import { benchConsole } from './console.ts';
import { type Bench, reporter } from './figures.ts';
import { benchGoals } from './goals.ts';
import { benchIndex } from './index-image.ts';
import { benchLoad } from './load.ts';
import { benchMatch } from './match.ts';
import { benchNotify } from './notify.ts';
import { benchPull } from './pull.ts';
import { benchScale } from './scale.ts';
import { benchStartup } from './startup.ts';
import { benchUpdate } from './update.ts';

const BENCHES: Readonly<Record<string, Bench>> = {
  cli: benchCli,
  index: benchIndex,
  match: benchMatch,
  update: benchUpdate,
  affected: benchAffected,
  notify: benchNotify,
  load: benchLoad,
  scale: benchScale,
  pull: benchPull,
  million: async (report, options) => {
    // Read when its modules are loaded, and by the processes that it starts.
    if (values.compact) process.env.BENCH_COMPACT = 'on';
    if (values.bases !== undefined) process.env.BENCH_BASES = values.bases;
    await (await import('./million.ts')).benchMillion(report, options);
  },
  console: benchConsole,
  goals: benchGoals,
  startup: benchStartup,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    feeds: { type: 'string', default: DEFAULT_CORPUS },
    seconds: { type: 'string', default: '60' },
    size: { type: 'string' },
    manifests: { type: 'string' },
    saved: { type: 'string' },
    compact: { type: 'boolean', default: false },
    bases: { type: 'string' },
  },
});
const names = positionals.length > 0 ? positionals : Object.keys(BENCHES);
const unknown = names.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  console.error(`no bench is called ${unknown.join(', ')}: there are ${Object.keys(BENCHES).join(', ')}`);
  process.exitCode = 1;
} else if (platform() !== 'linux') {
  console.error('the figures are read from /proc: run this on Linux');
  process.exitCode = 1;
} else {
  for (const name of names) {
    try {
      await BENCHES[name]!(reporter(name), {
        feeds: values.feeds,
        seconds: Number(values.seconds) || 60,
        ...(values.size !== undefined && { size: Number(values.size) || 0.1 }),
        ...(values.manifests !== undefined && { manifests: Number(values.manifests) || 50_000 }),
        ...(values.saved !== undefined && { saved: Number(values.saved) || 50_000 }),
      });
    } catch (error) {
      console.error(`${name}: ${error instanceof Error ? error.message : error}`);
      process.exitCode = 1;
    }
  }
}
