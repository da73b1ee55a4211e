/** Reads OVAL definition files as Linux distributions publish them: what is affected, and below which version. */
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import type { FeedContext, Piece } from '../../contract/feed.ts';
import { messageOf } from '../../errors.ts';
import {
  childOf,
  childrenOf,
  decodeXml,
  findXmlRecords,
  readXmlRecords,
  type XmlElement,
} from '../xml/records.ts';
import { parseOvalDate } from './date.ts';

type Bytes = Readable | AsyncIterable<Uint8Array>;

/** One `definition`: a vulnerability or a patch. Texts as written, nothing trimmed. */
export interface OvalDefinition {
  readonly id: string;
  /** `vulnerability`, `patch`, `inventory`… */
  readonly class: string;
  readonly title: string;
  readonly description: string;
  readonly platforms: readonly string[];
  readonly severity: string;
  /** RFC 3339. */
  readonly issued?: string;
  /** As Microsoft writes it: `true`, `false`, `Not Applicable`. */
  readonly patchable?: string;
  readonly references: readonly { readonly source: string; readonly id: string; readonly url: string }[];
  /** URLs of references, advisory refs, bugs and CVEs, in this order, each once. */
  readonly links: readonly string[];
  /** `affected_cpe_list`. */
  readonly cpes: readonly string[];
  /** Every criterion, depth first. */
  readonly criteria: readonly OvalCriterion[];
}

export interface OvalCriterion {
  readonly test: string;
  readonly comment: string;
  /**
   * What has to hold beside it, by the operators above: of each group, as comments, at least one. Of conditions that are
   * nested deeper, or negated, nothing is told.
   */
  readonly given: readonly OvalGroup[];
}

/** Comments of criteria, one of which has to hold. */
export type OvalGroup = readonly string[];

/** A value of a state and how it is compared, `equals` unless said. */
export interface OvalValue {
  readonly text: string;
  readonly operation: string;
}

/** One criterion with all its references followed: these packages, below `evr` if it is there. */
export interface OvalMatch {
  readonly names: readonly string[];
  readonly evr?: OvalValue;
  readonly arch?: OvalValue;
  /** As of its criterion. */
  readonly given: readonly OvalGroup[];
}

/** What criteria refer to. Grows with the number of tests of one family, not with the texts of the file. */
export interface OvalTables {
  readonly tests: ReadonlyMap<string, { readonly object: string; readonly state: string }>;
  readonly objects: ReadonlyMap<string, { readonly name: string; readonly variable: string }>;
  readonly states: ReadonlyMap<string, { readonly evr?: OvalValue; readonly arch?: OvalValue }>;
  readonly variables: ReadonlyMap<string, readonly string[]>;
}

const TABLES: ReadonlySet<string> = new Set(['tests', 'objects', 'states', 'variables']);

/** First pass: the tables of `family`. They follow the definitions in a file, so a file is read twice. Throws `feed`. */
export async function readOvalTables(
  source: Bytes,
  what: string,
  family: 'dpkginfo' | 'rpminfo',
): Promise<OvalTables> {
  const tests = new Map<string, { object: string; state: string }>();
  const objects = new Map<string, { name: string; variable: string }>();
  const states = new Map<string, { evr?: OvalValue; arch?: OvalValue }>();
  const variables = new Map<string, readonly string[]>();
  const inTable = (ancestors: readonly string[]) => ancestors.length === 2 && TABLES.has(ancestors[1]!);

  // Texts of the parser are views of all that it read: own copies, one each, let that go.
  const copies = new Map<string, string>();
  const own = (text = ''): string => {
    let copy = copies.get(text);
    if (copy === undefined) copies.set((copy = Buffer.from(text).toString()), copy);
    return copy;
  };
  const valueIn = (state: XmlElement, key: string): OvalValue | undefined => {
    const value = childOf(state, key);
    return value && { text: own(value.text), operation: own(value.attributes.operation ?? 'equals') };
  };

  for await (const element of readXmlRecords(source, what, inTable)) {
    const id = own(element.attributes.id);
    switch (element.name) {
      case `${family}_test`:
        tests.set(id, {
          object: own(childOf(element, 'object')?.attributes.object_ref),
          state: own(childOf(element, 'state')?.attributes.state_ref),
        });
        break;
      case `${family}_object`: {
        const name = childOf(element, 'name');
        objects.set(id, { name: own(name?.text.trim()), variable: own(name?.attributes.var_ref) });
        break;
      }
      case `${family}_state`: {
        const evr = valueIn(element, 'evr');
        const arch = valueIn(element, 'arch');
        states.set(id, { ...(evr && { evr }), ...(arch && { arch }) });
        break;
      }
      case 'constant_variable':
        variables.set(
          id,
          childrenOf(element, 'value').map(({ text }) => own(text.trim())),
        );
        break;
    }
  }
  return { tests, objects, states, variables };
}

/** A definition that was found and not read yet. */
export interface OvalPiece {
  /** The definition as it is written, with all that its criteria refer to. */
  readonly content: string;
  /** Throws `feed` if it is malformed. */
  read(): OvalDefinition;
}

/** Second pass: the definitions, as they stream by. Throws `feed`. */
export async function* readOvalDefinitions(
  source: Bytes,
  what: string,
  tables: OvalTables,
): AsyncGenerator<OvalPiece> {
  const isDefinition = (ancestors: readonly string[], name: string) =>
    name === 'definition' && ancestors.length === 2 && ancestors[1] === 'definitions';
  for await (const record of findXmlRecords(source, what, isDefinition)) {
    yield {
      content: [record.source, ...referredBy(record.source, tables)].join('\n'),
      read: () => toDefinition(record.read()),
    };
  }
}

const TEST_REF = /test_ref\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/** Where a reference cannot be read, the definition cannot: that is told when it is. */
function decoded(text: string): string {
  try {
    return decodeXml(text);
  } catch {
    return text;
  }
}

/** What the tests say that are named in a definition: all of them, and maybe some more, in a comment of it. */
function* referredBy(source: string, { tests, objects, states, variables }: OvalTables): Generator<string> {
  for (const [, double, single = ''] of source.matchAll(TEST_REF)) {
    const test = tests.get(decoded(double ?? single));
    const object = test && objects.get(test.object);
    yield JSON.stringify([object, variables.get(object?.variable ?? ''), test && states.get(test.state)]);
  }
}

/**
 * The pieces of the unpacked OVAL file at `path`: its definitions, of which `recordsOf` makes the records. One that cannot
 * be read is a problem; a document whose elements do not nest throws `feed`.
 */
export async function* ovalPieces<T>(
  path: string,
  what: string,
  family: 'dpkginfo' | 'rpminfo',
  recordsOf: (definition: OvalDefinition, tables: OvalTables, problem: FeedContext['problem']) => Iterable<T>,
): AsyncGenerator<Piece<T>> {
  const open = () => createReadStream(path, { highWaterMark: 256 * 1024 });
  const tables = await readOvalTables(open(), what, family);
  for await (const { content, read } of readOvalDefinitions(open(), what, tables)) {
    yield {
      content,
      *read(problem) {
        let definition: OvalDefinition;
        try {
          definition = read();
        } catch (error) {
          problem({
            where: content.slice(0, content.indexOf('>') + 1).slice(0, 200),
            reason: messageOf(error),
          });
          return;
        }
        yield* recordsOf(definition, tables, problem);
      },
    };
  }
}

function toDefinition(element: XmlElement): OvalDefinition {
  const metadata = childOf(element, 'metadata');
  const advisory = childOf(metadata, 'advisory');
  const references = childrenOf(metadata, 'reference').map(({ attributes }) => ({
    source: attributes.source ?? '',
    id: attributes.ref_id ?? '',
    url: attributes.ref_url ?? '',
  }));
  const links = [
    ...references.map(({ url }) => url),
    ...childrenOf(advisory, 'ref').map(({ text }) => text),
    ...childrenOf(advisory, 'bug').map(({ text }) => text),
    ...childrenOf(advisory, 'cve').map(({ attributes }) => attributes.href ?? ''),
  ].map((link) => link.trim());
  // Microsoft has no `advisory`: what belongs there is beside it.
  const issued = dateOf(childOf(advisory, 'issued') ?? childOf(metadata, 'advisory_date'));
  const patchable = childOf(metadata, 'patchable')?.text.trim();
  return {
    id: element.attributes.id ?? '',
    class: element.attributes.class ?? '',
    title: childOf(metadata, 'title')?.text ?? '',
    description: childOf(metadata, 'description')?.text ?? '',
    platforms: childrenOf(metadata, 'affected')
      .flatMap((affected) => childrenOf(affected, 'platform'))
      .map(({ text }) => text.trim()),
    severity: (childOf(advisory, 'severity') ?? childOf(metadata, 'severity'))?.text.trim() ?? '',
    ...(issued === undefined ? {} : { issued }),
    ...(patchable === undefined ? {} : { patchable }),
    references,
    links: [...new Set(links.filter((link) => link !== ''))],
    cpes: childrenOf(childOf(advisory, 'affected_cpe_list'), 'cpe').map(({ text }) => text.trim()),
    criteria: [...criteriaOf(element)],
  };
}

function dateOf(issued: XmlElement | undefined): string | undefined {
  return issued === undefined ? undefined : parseOvalDate(issued.attributes.date ?? issued.text);
}

const MAX_GROUPS = 64;

function* criteriaOf(element: XmlElement, given: readonly OvalGroup[] = []): Generator<OvalCriterion> {
  const isAnd = (element.attributes.operator ?? 'AND').toUpperCase() === 'AND';
  // More than anybody needs to name products: each is kept for each other.
  const isFew = element.children.length <= MAX_GROUPS;
  const groups = new Map(isAnd && isFew ? element.children.flatMap(groupOf) : []);
  for (const child of element.children) {
    if (child.name !== 'criteria' && child.name !== 'criterion') continue;
    const others = [...groups].filter(([of]) => of !== child).map(([, group]) => group);
    const all = others.length === 0 ? given : [...given, ...others];
    if (child.name === 'criteria') yield* criteriaOf(child, all);
    else yield { test: child.attributes.test_ref ?? '', comment: child.attributes.comment ?? '', given: all };
  }
}

/** A criterion as a group of its own, or the alternatives of criteria; [] of anything else. */
function groupOf(element: XmlElement): [XmlElement, OvalGroup][] {
  if (element.attributes.negate === 'true') return [];
  if (element.name === 'criterion') return [[element, [element.attributes.comment ?? '']]];
  const { children } = element;
  if (element.name !== 'criteria' || children.length === 0) return [];
  const isOr = (element.attributes.operator ?? 'AND').toUpperCase() === 'OR' || children.length === 1;
  const isPlain = children.every(
    ({ name, attributes }) => name === 'criterion' && attributes.negate !== 'true',
  );
  return isOr && isPlain ? [[element, children.map(({ attributes }) => attributes.comment ?? '')]] : [];
}

/**
 * What the criteria of a definition say about packages; criteria about anything else (is this distribution installed, is
 * the package signed) give nothing. A reference that leads nowhere is told to `problem`; the others are kept.
 */
export function* matchesOf(
  { id, criteria }: OvalDefinition,
  { tests, objects, states, variables }: OvalTables,
  problem: (problem: { where: string; reason: string }) => void,
): Generator<OvalMatch> {
  for (const criterion of criteria) {
    const test = tests.get(criterion.test);
    if (test === undefined) continue; // a test of another family
    const object = objects.get(test.object);
    const names = object?.variable ? variables.get(object.variable) : object && [object.name];
    const state = test.state === '' ? {} : states.get(test.state);
    if (names === undefined || state === undefined) {
      problem({
        where: `${id} ${criterion.test}`,
        reason: 'the test refers to a missing object, variable or state',
      });
      continue;
    }
    if (test.state !== '' && state.evr === undefined) continue; // e.g. whose signature the package has
    yield { ...state, names: names.filter((name) => name !== ''), given: criterion.given };
  }
}
