import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readClairArguments } from './clair-argv.ts';

describe("arguments as Clair's clairctl takes them", () => {
  const cases: readonly (readonly [given: string, want: string])[] = [
    ['report -o json x', 'report -o json x'],
    ['report -o=json x', 'report -o json x'],
    ['report -out json x', 'report --out json x'],
    ['report --out=json x', 'report --out=json x'],
    ['report --o json x', 'report -o json x'],
    ['report -host=http://a/b x', 'report --host=http://a/b x'],
    ['report --server http://a x', 'report --host http://a x'],
    ['report -keep-going -novel=true x', 'report --keep-going --novel x'],
    ['report -k=false --novel=f x', 'report x'],
    ['report --novel=maybe x', 'report --novel=maybe x'],
    ['-config c.yaml --iss=quay delete x', '--config c.yaml --issuer=quay delete x'],
    ['--c c.yaml --D -q admin pre v4.7.0', '-c c.yaml -D -q admin pre v4.7.0'],
    ['-D=1 report', '-D report'],
    ['report -- -out', 'report -- -out'],
    ['scan -o=x --server y', 'scan -o=x --server y'],
    ['-config c.yaml db -o=x', '--config c.yaml db -o=x'],
    ['import-updaters -', 'import-updaters -'],
    ['-version', '--version'],
  ];
  for (const [given, want] of cases) {
    it(given, () => assert.deepEqual(readClairArguments(given.split(' ')), want.split(' ')));
  }

  it('leaves what is spelled our way already', () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom('-o=json', '--out', '-host', '--', '-k=0', 'scan', 'report'),
    );
    fc.assert(
      fc.property(fc.array(word), (argv) => {
        const once = readClairArguments(argv);
        assert.deepEqual(readClairArguments(once), once);
      }),
    );
  });
});
