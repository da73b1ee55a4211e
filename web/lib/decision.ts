/** From the fields of the dialog to decisions, and to the statement that OpenVEX will have. */
import type { ConsoleImageDetail, NewDecision } from '../../src/model/api/console/types.ts';

export type Status = NewDecision['status'];

export const STATUSES = [
  ['affected', 'Will be fixed', 'It is affected. Stays in all counts.'],
  ['accepted', 'Risk accepted', 'It is affected, and no longer counted as open until the date.'],
  ['not_affected', 'Not affected', 'Present, but cannot be exploited here.'],
  ['under_investigation', 'Under investigation', 'Not known yet. Stays in all counts.'],
] as const;

export const JUSTIFICATIONS = [
  ['component_not_present', 'The component is not present'],
  ['vulnerable_code_not_present', 'The vulnerable code is not present'],
  ['vulnerable_code_not_in_execute_path', 'The vulnerable code is not in the execute path'],
  ['vulnerable_code_cannot_be_controlled_by_adversary', 'An adversary cannot control the vulnerable code'],
  ['inline_mitigations_already_exist', 'Mitigations exist already'],
] as const;

export interface Fields {
  readonly cve: string;
  /** TYPE/PACKAGE; '': every package. */
  readonly about: string;
  readonly status: Status;
  readonly justification: (typeof JUSTIFICATIONS)[number][0];
  readonly reason: string;
  /** A value of `scopesOf`. */
  readonly scope: string;
  /** YYYY-MM-DD, or ''. */
  readonly until: string;
  readonly isUntilFix: boolean;
}

/** Choices of what a decision holds for, the narrowest first: `[value, title]`. */
export function scopesOf(
  images: readonly string[],
  image: ConsoleImageDetail | undefined,
): [string, string][] {
  const repositories = [...new Set(image?.names.map(({ name }) => name) ?? [])];
  return [
    ...(images.length === 1 ? ([['image', 'this image']] as [string, string][]) : []),
    ...(images.length > 1 ? ([['image', `the ${images.length} images selected`]] as [string, string][]) : []),
    ...repositories.map((name): [string, string] => [`repository ${name}`, `${name}, any tag`]),
    ...Object.entries(image?.labels ?? {}).map(([key, value]): [string, string] => [
      `label ${key}=${value}`,
      `images with ${key}: ${value}`,
    ]),
    ['all', 'all images'],
  ];
}

/** One for each image that is selected, else one. */
export function decisionsOf(fields: Fields, images: readonly string[]): NewDecision[] {
  const { cve, about, status, justification, reason, scope, until, isUntilFix } = fields;
  const slash = about.indexOf('/');
  const base: NewDecision = {
    cve: cve.trim(),
    package: slash < 0 ? null : { type: about.slice(0, slash), source: about.slice(slash + 1) },
    status,
    justification: status === 'not_affected' ? justification : null,
    reason: reason.trim(),
    until: until === '' || isUntilFix ? null : until,
    until_fix: isUntilFix,
  };
  if (scope === 'image') return images.map((image) => ({ ...base, scope: { image } }));
  const [kind = '', ...words] = scope.split(' ');
  return [{ ...base, scope: kind === 'all' ? {} : { [kind]: words.join(' ') } }];
}

/** Why the fields are no decision yet; undefined: they are. */
export function problemOf({ cve, status, reason, until, isUntilFix }: Fields): string | undefined {
  if (cve.trim() === '') return 'Enter the CVE.';
  if (reason.trim() === '') return 'Enter the reason.';
  if (status === 'accepted' && until === '' && !isUntilFix)
    return 'A risk is accepted until a date, or until a fix is available.';
  return undefined;
}

/** The OpenVEX statement. An accepted risk is `affected`: it is never said not to be. */
export function statementOf(fields: Fields): Record<string, unknown> {
  const { cve, status, justification, reason } = fields;
  const isNot = status === 'not_affected';
  return {
    vulnerability: { name: cve },
    status: status === 'accepted' ? 'affected' : status,
    ...(isNot && { justification, impact_statement: reason }),
    ...((status === 'affected' || status === 'accepted') && { action_statement: reason }),
  };
}

/** The date `days` from `now`. */
export function dayIn(days: number, now: Date): string {
  return new Date(now.getTime() + days * 86_400_000).toISOString().slice(0, 10);
}
