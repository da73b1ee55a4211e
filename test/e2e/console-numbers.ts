/** Whether the same image has the same numbers wherever they are shown: overview, lists, its report, and the report as a file. */
import type {
  ConsoleFindings,
  ConsoleImage,
  ConsoleImages,
  ConsolePackages,
  Overview,
} from '../../src/model/api/console/types.ts';
import type { ReportData } from '../../src/model/report-page.ts';
import { SEVERITIES } from '../../src/model/severity.ts';

interface Report {
  readonly findings: readonly { readonly severity: string; readonly fixed_in?: string }[];
  readonly incomplete: readonly unknown[];
}

export interface Numbers {
  /** Images that were looked at, and their findings. */
  readonly images: number;
  readonly findings: number;
  /** A line for each difference. */
  readonly differences: readonly string[];
}

/** Of all images of a service, by `get`: paths begin behind `/matcher/api/v1/`. */
export async function compareNumbers(get: (path: string) => Promise<string>): Promise<Numbers> {
  const json = async <T>(path: string): Promise<T> => JSON.parse(await get(path)) as T;
  const differences: string[] = [];
  const expect = (what: string, got: unknown, want: unknown): void => {
    const [a, b] = [JSON.stringify(got), JSON.stringify(want)];
    if (a !== b) differences.push(`${what}: ${a} is not ${b}`);
  };
  const images = await allImages(json);
  for (const { digest, counts, coverage, fixable, state } of images) {
    if (state !== 'IndexFinished') continue;
    const { findings, incomplete } = await json<Report>(`vulnerability_report/${digest}`);
    const want = SEVERITIES.map((name) => findings.filter(({ severity }) => severity === name).length);
    expect(`${digest} in the list`, valuesOf(counts), want);
    expect(`${digest} fixable`, fixable, findings.filter(({ fixed_in: fixed }) => fixed).length);
    expect(`${digest} complete`, coverage.state === 'complete', incomplete.length === 0);
    const listed = await json<ConsoleFindings>(`console/images/${digest}/findings?limit=1`);
    expect(`${digest} findings`, listed.total, findings.length);
    const { total } = await json<ConsolePackages>(`console/images/${digest}/packages?limit=1`);
    expect(`${digest} by package`, total.findings, findings.length);
    const rows = rowsOf(await get(`console/images/${digest}/export?format=html`));
    expect(
      `${digest} as HTML`,
      SEVERITIES.map((_, rank) => rows.filter(([each]) => each === rank).length),
      want,
    );
  }
  const newest = images.filter((image) => image.newest);
  const { open } = await json<Overview>('console/overview');
  for (const { severity, findings, images: having } of open) {
    const own = newest.map(({ counts }) => counts[severity.toLowerCase() as keyof typeof counts]);
    expect(
      `overview, ${severity} findings`,
      findings,
      own.reduce((a, b) => a + b, 0),
    );
    expect(`overview, images with ${severity}`, having, own.filter((count) => count > 0).length);
  }
  const sum = images.flatMap(({ counts }) => valuesOf(counts)).reduce((a, b) => a + b, 0);
  return { images: images.length, findings: sum, differences };
}

/** Unknown first, as `SEVERITIES` has them. */
const valuesOf = (counts: ConsoleImage['counts']): number[] =>
  SEVERITIES.map((name) => counts[name.toLowerCase() as keyof typeof counts]);

async function allImages(json: <T>(path: string) => Promise<T>): Promise<ConsoleImage[]> {
  const images: ConsoleImage[] = [];
  for (let after: string | null = ''; after !== null; ) {
    const page: ConsoleImages = await json(`console/images?tags=all&limit=200${after && `&after=${after}`}`);
    images.push(...page.images);
    after = page.next;
  }
  return images;
}

/** The findings that lie in an HTML report as data; one without findings has none. */
function rowsOf(html: string): ReportData['rows'] {
  const [, text] = /<script[^>]*type="application\/json"[^>]*>([\s\S]*?)<\/script>/.exec(html) ?? [];
  return text === undefined ? [] : (JSON.parse(text) as ReportData).rows;
}
