/** The list of what we do otherwise than Clair, on purpose: a difference that no rule here explains is a defect. */
import type { Atom } from './atoms.ts';
import type { Case, Rule } from './rule.ts';
import { distributionRules } from './rules-distributions.ts';
import { javaRubyRules } from './rules-java-ruby.ts';
import { languagePackageRules } from './rules-language-packages.ts';
import { newEcosystemRules } from './rules-new-ecosystems.ts';
import { osPackageRules } from './rules-os-packages.ts';
import { outcomeRules } from './rules-outcome.ts';
import { redhatRules } from './rules-redhat.ts';
import { redHatVexRules } from './rules-redhat-vex.ts';
import { rpmRules } from './rules-rpm.ts';
import { rpmFeedRules } from './rules-rpm-feeds.ts';
import { rpmOvalRules } from './rules-rpm-feeds-oval.ts';

import { vulnerabilityRules } from './rules-vulnerabilities.ts';

/** All rules. */
export const RULES: readonly Rule[] = [
  ...distributionRules,
  ...osPackageRules,
  ...rpmRules,
  ...redhatRules,
  ...rpmFeedRules,
  ...rpmOvalRules,
  ...redHatVexRules,
  ...languagePackageRules,
  ...newEcosystemRules,
  ...javaRubyRules,
  ...vulnerabilityRules,
  ...outcomeRules,
];

/** The first rule that explains `atom`. */
export function explain(atom: Atom, at: Case): Rule | undefined {
  return RULES.find((rule) => rule.explains(atom, at));
}
