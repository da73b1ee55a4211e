/** Suite `notifications`: whom the second day's news concern. A notifier of our own asks the service over HTTP. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { noLog } from '../../../src/lib/log.ts';
import type { Notification } from '../../../src/notifier/notification.ts';
import { notifierDatabase, notifierOf, recorder } from '../../../src/notifier/testing.ts';
import { remoteManifests } from '../../../src/remote/remote-manifests.ts';
import { remoteMatcher } from '../../../src/remote/remote-matcher.ts';
import { createServiceClient } from '../../../src/remote/service-client.ts';
import { readManifest, readRecorded } from '../corpus.ts';
import type { Verdict } from '../verdict.ts';
import type { Suite, SuiteContext } from './suite.ts';

const APART =
  'summary-apart: what came and what went are told apart, where Clair mixes them (service.md §10.2 W15)';
const EQUALS =
  'summary-equals: of several that are equally severe the one with the lowest name stands for all (QUIRKS 25)';

/** Judges what each manifest is told of. */
export const notificationsSuite: Suite = {
  name: 'notifications',
  async *run(context) {
    const golden = recordedNotifications(context.corpus);
    const images = new Map(
      context.images.map((image) => [readManifest(image, context.corpusAddress).hash, image] as const),
    );
    for (const [manifest, image] of images) if (golden.has(manifest)) await context.answersFor(image);
    const ours = await newsOf(context);
    // Others had not been indexed when Clair told of these.
    for (const [manifest, image] of images) {
      if (golden.has(manifest)) {
        yield judge(image.name, golden.get(manifest) ?? [], ours.get(manifest) ?? []);
      }
    }
  },
};

type ByManifest = Map<string, readonly Notification[]>;

/** Those of the second day: Clair also told of the first load. */
function recordedNotifications(corpus: string): ByManifest {
  const folder = join(corpus, 'golden', 'notifications');
  const changed = new Set(
    readdirSync(join(corpus, 'golden', 'update_diff'))
      .map((name) => readRecorded(join(corpus, 'golden', 'update_diff', name)) as Diff)
      .flatMap(({ added, removed }) => [...(added ?? []), ...(removed ?? [])].map(({ name }) => name)),
  );
  const all = readdirSync(folder)
    .filter((name) => name.startsWith('page-'))
    .flatMap((name) => (readRecorded(join(folder, name)) as Recorded).body.notifications)
    .filter(({ vulnerability }) => changed.has(vulnerability.name));
  return Map.groupBy(all, ({ manifest }) => manifest);
}

interface Diff {
  readonly added?: readonly { readonly name: string }[] | null;
  readonly removed?: readonly { readonly name: string }[] | null;
}

interface Recorded {
  readonly body: { readonly notifications: readonly Notification[] };
}

/** What a notifier tells between the two days, as one that gets all of it directly. */
async function newsOf(context: SuiteContext): Promise<ByManifest> {
  const { signal } = new AbortController();
  await using db = await notifierDatabase();
  await using client = createServiceClient({ name: 'service', address: context.serviceAddress });
  const target = recorder(undefined, { direct: true });
  const notifier = notifierOf(
    db,
    { states: {}, affected: {} },
    {
      runs: remoteMatcher(client),
      manifests: remoteManifests(client),
      transports: [target],
      log: noLog,
    },
  );
  await notifier.poll(signal);
  await context.nextDay();
  await notifier.poll(signal);
  await notifier.deliver('webhook', signal);
  return Map.groupBy(
    target.got.flatMap(({ notifications }) => notifications),
    ({ manifest }) => manifest,
  );
}

function judge(name: string, golden: readonly Notification[], ours: readonly Notification[]): Verdict {
  const wrong: string[] = [];
  const explained = new Map<string, string[]>();
  const because = (rule: string, line: string) => explained.set(rule, [...(explained.get(rule) ?? []), line]);
  const told = new Set<Notification>();
  for (const want of golden) {
    const same = ours.find((have) => lineOf(have) === lineOf(want));
    const alike = (have: Notification): boolean => severityOf(have) === severityOf(want);
    const equal = ours.find((have) => have.reason === want.reason && alike(have) && isOfOne(have, want));
    const other = ours.find((have) => have.reason !== want.reason && alike(have) && isOfOne(have, want));
    const found = same ?? equal ?? other;
    if (found === undefined) {
      wrong.push(`lacks ${lineOf(want)}`);
      continue;
    }
    told.add(found);
    if (found !== same) because(found === equal ? EQUALS : APART, `${lineOf(want)} -> ${lineOf(found)}`);
  }
  for (const have of ours.filter((each) => !told.has(each))) {
    // The other half of what Clair made one of.
    if (golden.some((want) => isOfOne(have, want))) because(APART, `has also ${lineOf(have)}`);
    else wrong.push(`has also ${lineOf(have)}`);
  }
  const verdict = wrong.length > 0 ? 'wrong' : explained.size > 0 ? 'better' : 'equal';
  return { name, verdict, wrong, explained, notYet: [] };
}

function lineOf({ reason, vulnerability }: Notification): string {
  return `${reason} ${vulnerability.severity} ${vulnerability.name.trim()}`;
}

function severityOf({ vulnerability }: Notification): string {
  return vulnerability.severity;
}

/** Whether two are of the same feed, as far as they say. */
function isOfOne(a: Notification, b: Notification): boolean {
  const didOf = ({ vulnerability }: Notification): unknown =>
    (vulnerability.distribution as { did?: unknown } | undefined)?.did;
  return didOf(a) === didOf(b);
}
