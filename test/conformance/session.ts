/** All that the suites need, opened once: the corpus served, our service on an empty database, its feeds loaded. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { testDatabase } from '../../src/db/database.fixture.ts';
import { ecosystems } from '../../src/ecosystems/index.ts';
import { ask } from './ask.ts';
import { type CorpusImage, readImages, readManifest } from './corpus.ts';
import { serveCorpus } from './corpus-server.ts';
import { type Order, OsvDumps } from './osv-evidence.ts';
import { missingFor } from './scope.ts';
import { startService, updateFeeds, waitForUpdate } from './service.ts';
import type { SuiteContext } from './suites/suite.ts';
import type { Evidence, OurAnswers } from './verdict.ts';

/** A context for suites, and the images that cannot be judged yet. */
export interface Session extends AsyncDisposable {
  readonly context: SuiteContext;
  readonly notYet: readonly { readonly image: string; readonly missing: readonly string[] }[];
  readonly serviceLog: () => string;
}

/** What our ecosystems can find, and their version orders. */
export function ourEvidence(corpus: string): Evidence {
  return {
    abilities: {
      detectors: new Set(ecosystems.flatMap(({ detectors }) => detectors.map(({ id }) => id))),
      feedSets: new Set(ecosystems.flatMap(({ feeds }) => feeds.map(({ set }) => set))),
    },
    osv: new OsvDumps(corpus),
    orderOf(detector): Order {
      const scheme = ecosystems.find(({ detectors }) =>
        detectors.some(({ id }) => id === detector),
      )?.versions;
      return (a, b) => {
        const [left, right] = [scheme?.parse(a), scheme?.parse(b)];
        return scheme === undefined || left === undefined || right === undefined
          ? undefined
          : scheme.compare(left, right);
      };
    },
  };
}

/** The newest EPSS file that was recorded. */
function epssUrl(corpus: string, address: string): string | undefined {
  const folder = join(corpus, 'feeds', 'epss.cyentia.com');
  const name = existsSync(folder) ? readdirSync(folder).sort().at(-1) : undefined;
  return name === undefined ? undefined : `${address}/epss.cyentia.com/${name}`;
}

/** Opens a session; `say` tells what is going on. */
export async function openSession(
  corpus: string,
  { only, say }: { only: readonly string[]; say: (text: string) => void },
): Promise<Session> {
  await using resources = new AsyncDisposableStack();
  const evidence = ourEvidence(corpus);
  const all = readImages(corpus).filter(({ name }) => only.length === 0 || only.includes(name));
  const judged = all.map((image) => ({ image, missing: missingFor(image, evidence.abilities) }));
  const server = resources.use(await serveCorpus(corpus));
  const database = resources.use(await testDatabase());
  say('starting the service …');
  const service = resources.use(
    await startService({
      config: readFileSync(join(corpus, 'clair.yaml'), 'utf8'),
      upstream: server.address,
      epss: epssUrl(corpus, server.address),
      dsn: database.dsn,
    }),
  );
  say('waiting for the first update of the feeds …');
  await waitForUpdate(service);
  const answers = new Map<string, Promise<OurAnswers>>();
  const serveDay = async (folder: string): Promise<void> => {
    server.overlay(folder);
    answers.clear();
    await updateFeeds(service);
  };
  const owned = resources.move();
  return {
    context: {
      corpus,
      corpusAddress: server.address,
      serviceAddress: service.address,
      images: judged.flatMap(({ image, missing }) => (missing === undefined ? [image] : [])),
      evidence,
      answersFor(image: CorpusImage) {
        const known = answers.get(image.name) ?? ask(service.address, readManifest(image, server.address));
        answers.set(image.name, known);
        return known;
      },
      nextDay: () => serveDay('feeds-step2'),
      dayBefore: () => serveDay('feeds-step1'),
    },
    notYet: judged.flatMap(({ image, missing }) =>
      missing === undefined ? [] : [{ image: image.name, missing }],
    ),
    serviceLog: service.log,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
