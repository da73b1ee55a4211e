/** What advisories say of the packages of a target about one vulnerability, beside what a scan makes of it. */
import { ecosystems } from '../../ecosystems/index.ts';
import type { ExplainedAdvisory } from '../../matcher/findings/explain.ts';
import { pathOf, purlOf } from '../../sbom/inventory.ts';
import type { FormatInput, ReportFinding } from '../formats/view.ts';
import { typeOf } from '../outcome/scan-result.ts';
import type { Explained } from './explain-text.ts';
import type { Subject } from './subject.ts';

interface ExplainedParts {
  readonly subject: Subject;
  readonly input: FormatInput;
  readonly advisories: readonly ExplainedAdvisory[];
  readonly known: boolean;
}

/** `id`: the vulnerability, by any of its names. */
export async function explainedOf(
  id: string,
  { subject, input, advisories, known }: ExplainedParts,
): Promise<Explained> {
  const { view, index, packageIds, matches, suppressedMatches, result } = input;
  const history = await subject.history();
  const isMeant = (finding: ReportFinding): boolean =>
    [finding.id, ...finding.aliases].some((name) => name.toUpperCase() === id.toUpperCase()) ||
    advisories.some((advisory) => finding.sources.some((said) => said.id === advisory.id));
  const positions = [...new Set(advisories.flatMap(({ packages }) => packages))].sort((a, b) => a - b);
  const packages = positions.map((position) => {
    const { package: installed, environments } = index.packages[position]!;
    const packageId = packageIds[position]!;
    const of = <T extends ReportFinding>(findings: readonly T[], places: FormatInput['matches']): T[] =>
      findings.filter((finding, i) => places[i]!.packageId === packageId && isMeant(finding));
    const layers = [...new Set(environments.map(({ introducedIn }) => introducedIn))].filter(Boolean);
    return {
      package: installed.name,
      version: installed.version,
      type: typeOf(result.report.packages[packageId]?.detector ?? null, ecosystems),
      purl: purlOf(index.packages[position]!, ecosystems) ?? '',
      paths: [...new Set(environments.map(({ packageDb }) => pathOf(packageDb)))].filter(Boolean),
      layers: layers.map((digest) => {
        const at = subject.layers.indexOf(digest);
        return { digest, position: at, createdBy: history[at] ?? '' };
      }),
      advisories: advisories.filter(({ packages: of }) => of.includes(position)),
      findings: of(view.findings, matches),
      suppressed: of(view.suppressed, suppressedMatches),
    };
  });
  return {
    id,
    target: view.target.name,
    layerCount: subject.layers.length,
    packages,
    known,
    incomplete: result.incomplete,
    ...(result.example !== undefined && { example: result.example }),
  };
}
