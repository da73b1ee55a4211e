/** Compares two answers to the same request: what differs must have its reason among the rules. */
import type { Verdict } from '../verdict.ts';
import { type Answer, type Recorded, recordedAnswer } from './recorded.ts';
import { API_RULES } from './rules.ts';

/** One thing in which two answers differ. */
export interface ApiDifference {
  readonly what: string;
  readonly golden: string;
  readonly ours: string;
}

/** Headers that clients look at. */
const HEADERS = [
  'content-type',
  'content-encoding',
  'accept-encoding',
  'etag',
  'location',
  'link',
  'cache-control',
  'x-content-type-options',
];

/** Judges our answer; both have the same names for states, references and manifests. */
export function judgeAnswer(recorded: Recorded, ours: Answer): Verdict {
  const golden = recordedAnswer(recorded);
  const wrong: string[] = [];
  const explained = new Map<string, string[]>();
  for (const difference of differencesOf(golden, ours)) {
    const line = `${difference.what}: ${difference.golden} -> ${difference.ours}`;
    const rule = API_RULES.find(({ explains }) => explains(difference, { recorded, golden, ours }));
    if (rule === undefined) wrong.push(line);
    else explained.set(rule.id, [...(explained.get(rule.id) ?? []), line]);
  }
  const verdict = wrong.length > 0 ? 'wrong' : explained.size > 0 ? 'better' : 'equal';
  return { name: recorded.name, verdict, wrong, explained, notYet: [] };
}

function differencesOf(golden: Answer, ours: Answer): ApiDifference[] {
  const found: ApiDifference[] = [];
  const compare = (what: string, a: unknown, b: unknown): void => {
    const [left, right] = [JSON.stringify(a) ?? 'none', JSON.stringify(b) ?? 'none'];
    if (left !== right) found.push({ what, golden: left.slice(0, 300), ours: right.slice(0, 300) });
  };
  compare('status', golden.status, ours.status);
  compare('complete', golden.complete, ours.complete);
  for (const name of HEADERS) compare(name, golden.headers.get(name), ours.headers.get(name));
  if (golden.body !== undefined) {
    const [left, right] = [gistOf(golden.body), gistOf(ours.body)];
    for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
      compare(`body ${key}`, left[key], right[key]);
    }
  }
  return found;
}

type Json = Readonly<Record<string, unknown>>;

/** What of a body is compared here: other suites judge reports, and notifications, as a whole. */
function gistOf(body: unknown): Json {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return { is: body };
  const json = body as Json;
  if ('code' in json && 'message' in json) return { code: json.code, message: json.message };
  if ('vulnerable_manifests' in json) return { 'affected manifests': affectedIn(json) };
  if ('cur' in json && 'prev' in json) {
    const side = (value: unknown) => (Array.isArray(value) ? value.map(({ name }) => name).sort() : value);
    const updater = (value: unknown) => (value as Json).updater;
    return {
      prev: updater(json.prev),
      cur: updater(json.cur),
      added: side(json.added),
      removed: side(json.removed),
    };
  }
  if ('manifest_hash' in json) {
    const { manifest_hash, state, success } = json;
    return { manifest_hash, state, success, packages: Object.keys(json.packages as Json).length };
  }
  const [first] = Object.values(json);
  if (Array.isArray(first))
    return { 'members of an operation': Object.keys((first[0] ?? {}) as Json).sort() };
  return json;
}

/** Names of vulnerabilities by manifest. */
function affectedIn(json: Json): Json {
  const vulnerabilities = json.vulnerabilities as Record<string, { name: string }>;
  return Object.fromEntries(
    Object.entries(json.vulnerable_manifests as Record<string, string[]>)
      .map(([digest, ids]) => [digest, ids.map((id) => vulnerabilities[id]?.name).sort()] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
