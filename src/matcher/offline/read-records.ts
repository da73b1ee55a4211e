/** The records of an operation as advisories and enrichments, by whichever ecosystem knows them. */
import type { Ecosystem } from '../../contract/ecosystem.ts';
import type { ForeignVulnerability } from '../../contract/foreign.ts';
import { messageOf } from '../../errors.ts';
import { readForeign } from '../../formats/clair/vulnerability-wire.ts';
import type { Advisory, Enrichment, Scope, VulnerabilityText } from '../../model/advisory.ts';
import type { BlobRecord } from './read-operations.ts';

type Tell = (where: string, reason: string) => void;

/** An advisory, the ecosystem that knows it, and what its scope is shown as. */
export interface KnownAdvisory {
  readonly advisory: Advisory;
  readonly ecosystem: Ecosystem;
  readonly scope: Scope;
}

/** Records that no ecosystem has a use for are left out; those that cannot be read are told. */
export async function* readAdvisories(
  records: AsyncIterable<BlobRecord>,
  ecosystems: readonly Ecosystem[],
  problem: Tell,
): AsyncGenerator<KnownAdvisory> {
  const scopes = new Map<string, Scope>();
  const share = shareTexts();
  let order = ecosystems.filter(({ advisoriesOf }) => advisoriesOf !== undefined);
  for await (const { line, value } of records) {
    let found: readonly KnownAdvisory[] = [];
    try {
      const read = readForeign(value);
      const foreign = { ...read, vulnerability: share(read.vulnerability) };
      for (const ecosystem of order) {
        const advisories = ecosystem.advisoriesOf(foreign);
        if (advisories.length === 0) continue;
        // What follows is most often of the same.
        if (order[0] !== ecosystem) order = [ecosystem, ...order.filter((other) => other !== ecosystem)];
        found = advisories.map((advisory) => ({
          advisory,
          ecosystem,
          scope: scopeOf(advisory.scope, foreign, scopes),
        }));
        break;
      }
    } catch (error) {
      problem(`line ${line}`, messageOf(error));
    }
    yield* found;
  }
}

function scopeOf(key: string, foreign: ForeignVulnerability, known: Map<string, Scope>): Scope {
  let scope = known.get(key);
  if (scope === undefined) {
    const { distribution, repository } = foreign;
    // clair-quirk: an export has a CPE as the name of its repository, and nothing where the CPE should be
    const cpe = repository.cpe || (repository.name.startsWith('cpe:') ? repository.name : '');
    const shown = Object.fromEntries(
      Object.entries({ ...repository, cpe }).filter(([, text]) => text !== ''),
    );
    scope = {
      key,
      ...(Object.values(distribution).some((text) => text !== '') && { distribution }),
      ...(Object.keys(shown).length > 0 && { repository: shown }),
    };
    known.set(key, scope);
  }
  return scope;
}

/** The text of a vulnerability is on each of its lines: those that follow one another share one. */
function shareTexts(): (text: VulnerabilityText) => VulnerabilityText {
  let last: VulnerabilityText | undefined;
  let lastKey = '';
  return (text) => {
    if (last?.name === text.name && last.description === text.description) {
      const key = JSON.stringify(text);
      lastKey ||= JSON.stringify(last);
      if (key === lastKey) return last;
    }
    last = text;
    lastKey = '';
    return text;
  };
}

/** One for each tag. */
export async function* readEnrichments(
  records: AsyncIterable<BlobRecord>,
  problem: Tell,
): AsyncGenerator<Enrichment> {
  for await (const { line, value } of records) {
    const { Tags, Enrichment: data } = (value ?? {}) as { Tags?: unknown; Enrichment?: unknown };
    const tags = Array.isArray(Tags) ? Tags.filter((tag) => typeof tag === 'string') : [];
    if (tags.length === 0 || data === undefined || data === null)
      problem(`line ${line}`, 'an enrichment without Tags or Enrichment');
    else for (const tag of tags) yield { tag: tag.toWellFormed().replaceAll('\0', '\uFFFD'), data };
  }
}
