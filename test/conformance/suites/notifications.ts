/** Suite `notifications`: whom the second day's news concern. A notifier of our own asks the service over HTTP. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  notifierDatabase,
  notifierOf,
  type RecordingTransport,
  recorder,
} from '../../../src/notifier/notifier.fixture.ts';
import { remoteManifests } from '../../../src/remote/remote-manifests.ts';
import { remoteMatcher } from '../../../src/remote/remote-matcher.ts';
import { createServiceClient } from '../../../src/remote/service-client.ts';
import type { Notification } from '../../../src/transports/notification.ts';
import { readManifest, readRecorded } from '../corpus.ts';
import { again, openReceivers, type Told } from '../receivers.ts';
import type { Verdict } from '../verdict.ts';
import type { Suite, SuiteContext } from './suite.ts';

const APART =
  'summary-apart: what came and what went are told apart, where Clair mixes them (clair-service.md#summaries)';
const EQUALS =
  'summary-equals: of several that are equally severe the one with the lowest name stands for all';

/** Judges what each manifest is told of, and that all transports tell the same. */
export const notificationsSuite: Suite = {
  name: 'notifications',
  async *run(context) {
    const golden = recordedNotifications(context.corpus);
    const detailed = recordedDetails(context.corpus);
    const images = new Map(
      context.images.map((image) => [readManifest(image, context.corpusAddress).hash, image] as const),
    );
    for (const [manifest, image] of images) {
      if (golden.has(manifest) || detailed.some(({ told }) => told.has(manifest)))
        await context.answersFor(image);
    }
    const { summary, details, byTransport } = await newsOf(context);
    // Others had not been indexed when Clair told of these.
    for (const [manifest, image] of images) {
      if (golden.has(manifest)) {
        yield judge(image.name, golden.get(manifest) ?? [], summary.get(manifest) ?? []);
      }
    }
    const all = [...summary.values()].flat();
    for (const { name, told } of byTransport) yield judgeSame(name, all.map(whole), told.map(whole));
    for (const { way, updaters, told } of detailed) {
      for (const [manifest, image] of images) {
        const want = told.get(manifest);
        if (want === undefined) continue;
        const have = (details[way].get(manifest) ?? []).filter((one) => updaters.has(distributionOf(one)));
        yield judgeSame(`${image.name}, one by one, ${way}`, want.map(detailOf), have.map(detailOf));
      }
    }
  },
};

type ByManifest = Map<string, readonly Notification[]>;

/** Those of the second day: Clair also told of the first load. */
function recordedNotifications(corpus: string): ByManifest {
  const changed = new Set(
    readdirSync(join(corpus, 'golden', 'update_diff'))
      .map((name) => readRecorded(join(corpus, 'golden', 'update_diff', name)) as Diff)
      .flatMap(({ added, removed }) => [...(added ?? []), ...(removed ?? [])].map(({ name }) => name)),
  );
  const all = readPages(join(corpus, 'golden', 'notifications')).filter(({ vulnerability }) =>
    changed.has(vulnerability.name),
  );
  return Map.groupBy(all, ({ manifest }) => manifest);
}

type Way = 'forth' | 'back';

/** Without summary: some feeds went from the second day to the first and forth again, then all of them back. */
function recordedDetails(
  corpus: string,
): { readonly way: Way; readonly updaters: ReadonlySet<string>; readonly told: ByManifest }[] {
  const folder = join(corpus, 'golden', 'notifications-nosummary');
  const forth = readPages(folder).filter(({ reason }) => reason === 'added');
  const back = readPages(join(folder, 'debian-back-to-step1'));
  return [['forth', forth] as const, ['back', back] as const].map(([way, all]) => ({
    way,
    updaters: new Set(all.map(distributionOf)),
    told: Map.groupBy(all, ({ manifest }) => manifest),
  }));
}

function readPages(folder: string): Notification[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith('page-'))
    .flatMap((name) => (readRecorded(join(folder, name)) as Recorded).body.notifications);
}

interface Diff {
  readonly added?: readonly { readonly name: string }[] | null;
  readonly removed?: readonly { readonly name: string }[] | null;
}

interface Recorded {
  readonly body: { readonly notifications: readonly Notification[] };
}

interface News {
  /** Of the step to the second day. */
  readonly summary: ByManifest;
  readonly details: Readonly<Record<Way, ByManifest>>;
  readonly byTransport: readonly Told[];
}

/** What notifiers tell between the two days: one in summary by all transports, one of every vulnerability. */
async function newsOf(context: SuiteContext): Promise<News> {
  const { signal } = new AbortController();
  await using client = createServiceClient({ name: 'service', address: context.serviceAddress });
  const parts = { runs: remoteMatcher(client), manifests: remoteManifests(client) };
  await using db = await notifierDatabase();
  await using detailDb = await notifierDatabase();
  const detailTarget = recorder(undefined, { direct: true });
  const nothing = { states: {}, affected: {} };
  const detailed = notifierOf(detailDb, nothing, {
    ...parts,
    transports: [detailTarget],
    settings: { summary: false },
  });
  await using receivers = await openReceivers();
  const first = notifierOf(db, nothing, { ...parts, transports: receivers.transports.direct });
  for (const notifier of [first, detailed]) await notifier.poll(signal);

  await context.nextDay();
  for (const notifier of [first, detailed]) await notifier.poll(signal);
  const byTransport = await receivers.tellAll(db, first, signal);
  const target = recorder(undefined, { direct: true });
  const last = notifierOf(db, nothing, { transports: [target] });
  await again(last, ['webhook'], signal);
  await detailed.deliver('webhook', signal);
  const forth = byManifest(detailTarget.got.splice(0));

  await context.dayBefore();
  await detailed.poll(signal);
  await detailed.deliver('webhook', signal);
  return {
    summary: byManifest(target.got),
    details: { forth, back: byManifest(detailTarget.got) },
    byTransport,
  };
}

function byManifest(got: RecordingTransport['got']): ByManifest {
  return Map.groupBy(
    got.flatMap(({ notifications }) => notifications),
    ({ manifest }) => manifest,
  );
}

/** Compares what must be the same, line by line, and each as often. */
function judgeSame(name: string, want: readonly string[], have: readonly string[]): Verdict {
  const [wanted, had] = [want, have].map((lines) => Map.groupBy(lines, (line) => line));
  const wrong: string[] = [];
  for (const line of new Set([...want, ...have])) {
    const [times, ours] = [wanted!.get(line)?.length ?? 0, had!.get(line)?.length ?? 0];
    if (times !== ours) wrong.push(`${ours} instead of ${times} times: ${line}`);
  }
  const verdict = wrong.length > 0 ? 'wrong' : 'equal';
  return { name, verdict, wrong, explained: new Map(), notYet: [] };
}

/** All that a notification says, but for its id in the set. */
function whole({ manifest, reason, vulnerability }: Notification): string {
  return JSON.stringify([manifest, reason, vulnerability]);
}

function detailOf(one: Notification): string {
  const { name } = (one.vulnerability.package ?? {}) as { name?: unknown };
  return `${lineOf(one)} of ${name}, to be fixed in ${JSON.stringify(one.vulnerability.fixed_in_version)}`;
}

function distributionOf({ vulnerability }: Notification): string {
  return String((vulnerability.distribution as { did?: unknown } | undefined)?.did);
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
  return distributionOf(a) === distributionOf(b);
}
