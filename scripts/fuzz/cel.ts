/** Expressions of `fixed_in_version_cel`, damaged: one that is taken has its result in time, regardless of the fix. */
import { compileFixedIn } from '../../src/ecosystems/redhat/vex/fixed-in-cel.ts';
import { AppError } from '../../src/errors.ts';
import { parsePurl } from '../../src/model/purl.ts';
import type { FuzzedDocument } from './document.ts';

const EXPRESSIONS = [
  'type == "oci" ? fixed_in.replace("v", "") : fixed_in',
  'cel.bind(parts, fixed_in.split(":"), parts[size(parts) - 1].replace("-", "."))',
  'has(qualifiers.rpmmod) && qualifiers["rpmmod"].startsWith("a") ? version.charAt(0) + name.reverse() : fixed_in',
  'fixed_in.matches("^(v?[0-9]+)+$") ? fixed_in : (fixed_in + version).substring(0, 3)',
  '[1, 2, 3].map(i, string(i)).filter(s, s.matches("(1|2)*")).join("." + namespace) + r"\\d"',
  '[1, 2, 3, 4].all(a, [1, 2, 3, 4].exists(b, [1, 2].exists_one(c, a + b == c))) ? version : fixed_in // end',
  '"((a|aa)+)+$".size() > 1 && fixed_in.matches("((a|aa)+)+$") ? "x" : fixed_in.replace("", fixed_in)',
];
const PURLS = [
  'pkg:rpm/redhat/openssl@3.0.7-27.el9_4.2?arch=x86_64&epoch=1&rpmmod=a',
  'pkg:oci/ubi@sha256%3Aab?repository_url=registry.example/ubi9&tag=v9.4-1',
].map((text) => parsePurl(text)!);
const FIXES = ['1:3.0.7-27.el9_4.2', `${'a'.repeat(60)}b`];

/** ms for one fix: of 20 s that a case may take. */
const LIMIT = 300;

export const cel: FuzzedDocument = {
  seeds: () => EXPRESSIONS.map((expression) => Buffer.from(expression)),
  read(bytes) {
    let records = 0;
    let problems = 0;
    const attempt = (work: () => void): void => {
      try {
        work();
        records++;
      } catch (error) {
        // What is wrong with an expression, or with a fix, is a plain error: no other class has words for operators.
        if (!(error instanceof AppError) && (error as object).constructor !== Error) throw error;
        problems++;
      }
    };
    attempt(() => {
      const rewrite = compileFixedIn(bytes.toString(), LIMIT);
      for (const purl of PURLS) for (const fix of FIXES) attempt(() => rewrite(purl, fix));
    });
    return { records, problems };
  },
};
