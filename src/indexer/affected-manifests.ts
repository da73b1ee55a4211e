/** Which manifests vulnerabilities affect that somebody hands in as Clair writes them. */

import type { Ecosystem } from '../contract/ecosystem.ts';
import type { Database } from '../db/database.ts';
import { AppError, messageOf } from '../errors.ts';
import { readForeign } from '../formats/clair/vulnerability-wire.ts';
import type { Problem } from '../model/package.ts';
import { rankOf } from '../model/severity.ts';
import { type AffectedPage, affectedPages, type OrderedAdvisory, type PageOptions } from './affected-by.ts';

/** What was asked about vulnerabilities, as far as it is known at once. */
export interface AffectedAnswer {
  /** Those that could not be looked up. */
  readonly problems: readonly Problem[];
  /** The manifests; read once. */
  pages(): AsyncGenerator<AffectedPage>;
}

/** The same of vulnerabilities as Clair writes them. */
export interface AffectedManifests extends AffectedAnswer {
  /**
   * Clair's AffectedManifests as JSON, in pieces, in place of the pages: ids by manifest, the most severe first, and the
   * vulnerabilities that affect any, as they were handed in. `problems` are ours.
   */
  json(): AsyncGenerator<string>;
}

/** One of those that were asked about. */
interface Asked {
  readonly id: string;
  readonly json: unknown;
  readonly rank: number;
  readonly advisories: readonly OrderedAdvisory[];
}

/**
 * `vulnerabilities` as Clair writes them in JSON. Throws `bad-request` if one is no such thing; one that its ecosystem
 * cannot read is a problem, and the others are looked up. Assertions that something is not affected affect nothing.
 */
export function affectedManifests(
  db: Database,
  ecosystems: readonly Ecosystem[],
  { vulnerabilities, byVersion }: { vulnerabilities: readonly unknown[]; byVersion: boolean },
  options: PageOptions,
): AffectedManifests {
  const problems: Problem[] = [];
  const asked = vulnerabilities.map((json, index) => readAsked(json, index, ecosystems, problems));
  const question = { asked: asked.map((each) => each.advisories), byVersion };
  const pages = (): AsyncGenerator<AffectedPage> => affectedPages(db, ecosystems, question, options);
  return { problems, pages, json: () => writeAnswer(asked, pages(), problems) };
}

/** Characters after which a piece of an answer is given away. */
const PIECE = 256 * 1024;

async function* writeAnswer(
  asked: readonly Asked[],
  pages: AsyncGenerator<AffectedPage>,
  problems: readonly Problem[],
): AsyncGenerator<string> {
  const affecting = new Set<number>();
  yield '{"vulnerable_manifests":{';
  let separator = '';
  for await (const { manifests } of pages) {
    const written = new Map<readonly number[], string>();
    let text = '';
    for (const [digest, positions] of manifests) {
      let ids = written.get(positions);
      if (ids === undefined) {
        const ordered = [...positions].sort((a, b) => asked[b]!.rank - asked[a]!.rank || a - b);
        ids = JSON.stringify([...new Set(ordered.map((index) => asked[index]!.id))]);
        written.set(positions, ids);
        for (const index of positions) affecting.add(index);
      }
      text += `${separator}${JSON.stringify(digest)}:${ids}`;
      separator = ',';
      if (text.length < PIECE) continue;
      yield text;
      text = '';
    }
    yield text;
  }
  const shown = [...affecting].sort((a, b) => a - b).map((index) => asked[index]!);
  yield '},"vulnerabilities":{';
  for (const [index, [id, json]] of [...new Map(shown.map((each) => [each.id, each.json]))].entries())
    yield `${index === 0 ? '' : ','}${JSON.stringify(id)}:${JSON.stringify(json)}`;
  yield problems.length > 0 ? `},"problems":${JSON.stringify(problems)}}` : '}}';
}

function readAsked(
  json: unknown,
  index: number,
  ecosystems: readonly Ecosystem[],
  problems: Problem[],
): Asked {
  const where = `vulnerabilities[${index}]`;
  const foreign = prefixed(where, () => readForeign(json));
  const id = idOf(json);
  const advisories = ecosystems.flatMap((ecosystem) => {
    try {
      return ecosystem
        .advisoriesOf(foreign)
        .filter(({ assertsUnaffected }) => !assertsUnaffected)
        .map((advisory) => ({ advisory, versions: ecosystem.versions }));
    } catch (error) {
      // differs: one that cannot be read, or lacks its package, does not keep the others from an answer (clair-service.md#routes)
      problems.push({ source: ecosystem.id, where: `${where} ${id}`.trim(), reason: messageOf(error) });
      return [];
    }
  });
  return { id, json, rank: rankOf(foreign.vulnerability.normalizedSeverity), advisories };
}

function prefixed<T>(where: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const message = `failed to deserialize vulnerabilities: ${where}: ${error.message}`;
    throw new AppError(error.code, message, { cause: error });
  }
}

function idOf(json: unknown): string {
  const { id } = json as { id?: unknown };
  return typeof id === 'string' ? id : '';
}
