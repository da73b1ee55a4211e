/** What the tools of the protocol do: engines that are opened at the first question, and one question at a time. */
import type { Config } from '../../config/schema.ts';
import { AppError } from '../../errors.ts';
import type { RegistryFlags } from '../../image/open-target.ts';
import type { FeedStatus } from '../../matcher/store/feed-status.ts';
import type { IndexReportWire } from '../../model/index-report-wire.ts';
import type { Severity } from '../../model/severity.ts';
import type { DatabaseOptions } from '../database/database-options.ts';
import { type Engines, openEngines } from '../database/open-engines.ts';
import type { PublishedSettings } from '../database/published-options.ts';
import type { UpdatePolicy } from '../database/update-feeds.ts';
import { readTargetWord } from '../foreign/targets.ts';
import type { FormatInput } from '../formats/view.ts';
import { exitCodeOf } from '../policy/exit-code.ts';
import { type Verdicts, verdictsOf } from '../policy/policy-options.ts';
import type { Explained } from '../scan/explain-text.ts';
import { explainedOf } from '../scan/explained.ts';
import { matchFresh } from '../scan/match-target.ts';
import { judge } from '../scan/scan.ts';
import { openSubject, type Subject } from '../scan/subject.ts';
import type { Progress } from '../terminal/progress.ts';

export interface McpOptions {
  readonly database: DatabaseOptions;
  readonly config: Config;
  readonly registry: RegistryFlags;
  readonly update: UpdatePolicy;
  readonly published: PublishedSettings;
  /** Of one question, in ms. */
  readonly timeout: number;
  readonly progress: Progress;
}

export interface McpScan {
  readonly target: string;
  readonly platform?: string | undefined;
  readonly severities?: ReadonlySet<Severity> | undefined;
  readonly onlyFixed?: boolean | undefined;
}

/** Images of the database that a vulnerability affects. */
export interface AffectedImages {
  readonly images: readonly { readonly digest: string; readonly name?: string }[];
  /** Advisories that were looked up; more than there may be: some were not. */
  readonly advisories: number;
  readonly more: boolean;
}

/** A target with what was found in it. */
interface Looked extends Awaited<ReturnType<typeof matchFresh>> {
  readonly subject: Subject;
  readonly index: IndexReportWire;
}

const MAX_ADVISORIES = 5000;

export class McpSession implements AsyncDisposable {
  readonly #options: McpOptions;
  readonly #ending = new AbortController();
  /** Names of what was scanned, by digest: the database has none. */
  readonly #names = new Map<string, string>();
  #engines: Promise<Engines> | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: McpOptions) {
    this.#options = options;
  }

  /** Throws `bad-target`, or what kept it from being done. */
  scan(
    { target, platform, severities, onlyFixed }: McpScan,
    asked: AbortSignal,
  ): Promise<{ input: FormatInput; exitCode: number }> {
    return this.#next(asked, async (engines, signal) => {
      const { progress } = this.#options;
      const verdicts = await verdictsOf(
        { ignoreFile: false, onlyFixed: onlyFixed === true, ...(severities && { severity: severities }) },
        progress,
        new Date(),
      );
      return await this.#look({ target, platform }, { engines, signal, verdicts }, async ({ result }) => {
        const input = judge(result, verdicts);
        return { input, exitCode: exitCodeOf(result, input.counted, undefined) };
      });
    });
  }

  explain(id: string, target: string, platform: string | undefined, asked: AbortSignal): Promise<Explained> {
    return this.#next(asked, async (engines, signal) => {
      const verdicts = await verdictsOf({ ignoreFile: false }, this.#options.progress, new Date());
      return await this.#look(
        { target, platform },
        { engines, signal, verdicts },
        async ({ subject, index, matcher, result }) => {
          const { advisories, known } = await matcher.explain(index, id);
          return await explainedOf(id, { subject, input: judge(result, verdicts), advisories, known });
        },
      );
    });
  }

  affectedImages(id: string, asked: AbortSignal): Promise<AffectedImages> {
    return this.#next(asked, async ({ indexer, matcher }, signal) => {
      const facts = await matcher.advisoriesOf(id, MAX_ADVISORIES);
      const options = { after: '', signal };
      const { pages } = await indexer.manifestsAffectedBy(facts.slice(0, MAX_ADVISORIES), options);
      const images: { digest: string; name?: string }[] = [];
      for await (const { manifests } of pages()) {
        for (const [digest] of manifests) {
          const name = this.#names.get(digest);
          images.push({ digest, ...(name !== undefined && { name }) });
        }
      }
      return {
        images,
        advisories: Math.min(facts.length, MAX_ADVISORIES),
        more: facts.length > MAX_ADVISORIES,
      };
    });
  }

  feeds(asked: AbortSignal): Promise<readonly FeedStatus[]> {
    return this.#next(asked, async ({ matcher }) => await matcher.feedStatus());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort(new AppError('bad-target', 'the client has gone'));
    await this.#last.catch(() => undefined);
    await (await this.#engines?.catch(() => undefined))?.[Symbol.asyncDispose]();
  }

  /** What `use` makes of the result, while what was scanned is still open. */
  async #look<T>(
    { target: text, platform }: Pick<McpScan, 'target' | 'platform'>,
    { engines, signal, verdicts }: { engines: Engines; signal: AbortSignal; verdicts: Verdicts },
    use: (looked: Looked) => Promise<T>,
  ): Promise<T> {
    const { registry, config, update, published, progress } = this.#options;
    const target = await readTargetWord(text);
    // stdin is the protocol's.
    if (/^(?:sbom|purl):-$|^-$/.test(target))
      throw new AppError('bad-target', `${text}: stdin is not for targets here`);
    await using subject = await openSubject(target, {
      ...{ registry, progress, signal, crossMounts: false },
      ...(platform !== undefined && { platform }),
    });
    const index = await subject.index(engines);
    const matched = await matchFresh(engines, subject, index, {
      ...verdicts,
      ...{ config, update, published, registry, progress, signal },
    });
    this.#names.set(subject.manifest, subject.name);
    return await use({ subject, index, ...matched });
  }

  /** After those before it: two scans at once would take twice the memory, and no less time. */
  #next<T>(asked: AbortSignal, work: (engines: Engines, signal: AbortSignal) => Promise<T>): Promise<T> {
    const { timeout, database, config } = this.#options;
    const run = async (): Promise<T> => {
      const late = AbortSignal.timeout(timeout);
      const signal = AbortSignal.any([asked, late, this.#ending.signal]);
      signal.throwIfAborted();
      this.#engines ??= openEngines(database, () => {}, config);
      const engines = await this.#engines.catch((error: unknown) => {
        this.#engines = undefined; // a server that starts may be there the next time
        throw error;
      });
      try {
        return await work(engines, signal);
      } catch (error) {
        if (late.aborted)
          throw new AppError('bad-target', `not done within --timeout (${timeout} ms)`, { cause: error });
        throw error;
      }
    };
    const done = this.#last.then(run, run);
    this.#last = done.catch(() => undefined);
    return done;
  }
}
