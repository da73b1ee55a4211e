/** What people who know other scanners type, what happens then, and with which exit code. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { type Command, CommanderError } from 'commander';
import fc from 'fast-check';
import { AppError } from '../../errors.ts';
import { readClairArguments } from '../clair-argv.ts';
import { codeOfMisuse } from '../code-of-misuse.ts';
import { COMMAND_NAMES } from '../commands.ts';
import { createProgram, loadProgram } from '../program.ts';
import { outputsOf } from '../scan/output-options.ts';
import { FOREIGN_COMMANDS } from './commands.ts';
import { FOREIGN_FLAGS, TRAPS } from './flags.ts';
import { FORMATS } from './formats.ts';
import { areOpposite, withoutOpposite } from './opposites.ts';
import { OURS, readForeignWords } from './read-words.ts';
import { FOREIGN_TARGETS, readTargetWord } from './targets.ts';

const home = process.cwd();
const folder = mkdtempSync(join(tmpdir(), 'clair-habits-'));
mkdirSync(join(folder, 'IMAGE'));
for (const name of ['x.json', 'x.tar', 'json']) writeFileSync(join(folder, name), '');
after(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true });
});

interface Happened {
  /** `scan TARGET flag=value …`: what was said beside defaults; or the message. */
  readonly what: string;
  readonly code: number;
}

/** As the program does it, but that the command is only told, and not run. */
async function type(line: string): Promise<Happened> {
  const typed = line.split(' ').slice(1);
  let what = '';
  const listen = (command: Command): void => {
    command.configureOutput({
      writeOut: (text) => (what += text),
      writeErr: (text) => (what += text),
    });
    if (command.commands.length === 0 && command.parent !== null) command.action(() => tell(command));
    command.commands.forEach(listen);
  };
  const tell = async (command: Command): Promise<void> => {
    const given = Object.entries(command.opts())
      .filter(([key]) => command.getOptionValueSource(key) === 'cli')
      .map(([key, value]) => `${key}=${shown(value)}`);
    const parents = command.parent?.parent ? [command.parent.name()] : [];
    if (command.name() === 'scan') await outputsOf(command.opts());
    what = [...parents, command.name(), ...command.args, ...given.sort()].join(' ');
  };
  try {
    const argv = readForeignWords(readClairArguments(typed), COMMAND_NAMES);
    const program = await createProgram(argv);
    listen(program);
    await program.parseAsync(argv, { from: 'user' });
    return { what, code: 0 };
  } catch (error) {
    if (error instanceof CommanderError) return { what, code: codeOfMisuse(error, typed, {}) };
    if (error instanceof AppError) return { what: error.message, code: 1 };
    throw error;
  }
}

function shown(value: unknown): string {
  if (value instanceof Set) return [...value].join();
  if (Array.isArray(value))
    return value
      .map((each) => (each.format ? `${each.format}${each.file === undefined ? '' : `:${each.file}`}` : each))
      .join();
  if (typeof value === 'object' && value !== null && 'any' in value)
    return (value.any as { text: string }[]).map(({ text }) => text).join();
  return String(value);
}

const SCANNED = 'scan IMAGE';
/** Typed -> what happens (a text is all of it) -> exit code, when the command itself goes well. */
const HABITS: readonly (readonly [typed: string, what: string | RegExp, code: number])[] = [
  ['clairctl image IMAGE', SCANNED, 0],
  ['clairctl fs .', 'scan . from=fs', 0],
  ['clairctl filesystem .', 'scan . from=fs', 0],
  ['clairctl sbom x.json', 'scan x.json from=sbom', 0],
  ['clairctl rootfs /', 'scan / from=fs', 0],
  ['clairctl repo .', 'scan . from=fs', 0],
  ['clairctl k8s', /k8s is an option of Trivy.* each image to clairctl scan/, 1],
  ['clairctl vm x', /dir:MOUNT/, 1],
  ['clairctl server', /service with clair .*clairctl report --host/, 1],
  ['clairctl convert x.json', 'convert x.json', 0],
  [
    'clairctl convert --format table --severity CRITICAL x.json',
    'convert x.json format=table severity=Critical',
    0,
  ],
  ['clairctl convert x.json -o spdx-json', 'convert x.json format=spdx', 0],
  ['clairctl version', 'version', 0],
  ['clairctl version --format json', 'version format=json', 0],
  ['clairctl version -o json', 'version format=json', 0],
  ['clairctl --version', /^clairctl version \d/, 0],
  ['clairctl -v', /^clairctl version \d/, 0],
  ['clairctl db status', 'db status', 0],
  ['clairctl db list', 'db status', 0],
  ['clairctl db check', 'db status', 0],
  ['clairctl db info', 'db status', 0],
  ['clairctl db delete', /--data-dir/, 1],
  ['clairctl db import', /argument file is missing/, 1],
  ['clairctl db search CVE-2023-38545', /clairctl explain CVE NAME/, 1],
  ['clairctl completion', /argument shell is missing/, 1],
  ['clairctl completion powershell', /choices are bash, zsh, fish/, 1],
  ['clairctl config', /\.clair\.yaml/, 1],
  ['clairctl plugin list', /--format template/, 1],
  ['clairctl clean --all', /--data-dir/, 1],
  ['clairctl IMAGE', SCANNED, 0],
  ['clairctl IMAGE --fail-on high', `${SCANNED} failOn=high`, 0],
  ['clairctl debian:12', 'scan debian:12', 0],
  ['clairctl quay.io/a/b@sha256:1', 'scan quay.io/a/b@sha256:1', 0],
  ['clairctl ./nothere', 'scan ./nothere', 0],
  ['clairctl alpine', /unknown command "alpine"/, 1],
  ['clairctl busybox', /scan an image with "clairctl scan NAME"/, 3],
  ['clairctl scna x', /Did you mean scan/, 1],
  ['clairctl -o json IMAGE', `${SCANNED} format=json`, 0],
  ['clairctl --cache-dir /c image IMAGE', `${SCANNED} dataDir=/c`, 0],
  ['clairctl --debug image -q IMAGE', `${SCANNED} debug=true quiet=true`, 0],
  ['clairctl -q IMAGE', `${SCANNED} quiet=true`, 0],
  ['clairctl scan', 'scan', 0],
  ['clairctl scan nosuch', 'scan nosuch', 0],
  [
    'clairctl scan IMAGE --severity HIGH,CRITICAL --exit-code 1',
    `${SCANNED} exitCode=1 severity=High,Critical`,
    0,
  ],
  ['clairctl scan IMAGE --exit-code 256', /from 0 to 255/, 1],
  ['clairctl scan IMAGE -s HIGH', `${SCANNED} severity=High`, 0],
  ['clairctl scan IMAGE -s=HIGH', `${SCANNED} severity=High`, 0],
  ['clairctl scan IMAGE --scanners vuln', SCANNED, 0],
  ['clairctl scan IMAGE --scanners=vuln', SCANNED, 0],
  ['clairctl scan IMAGE --scanners vuln,secret', /not secrets/, 1],
  ['clairctl scan IMAGE --list-all-pkgs', SCANNED, 0],
  ['clairctl scan IMAGE --by-cve', SCANNED, 0],
  ['clairctl scan IMAGE --cache-dir /tmp', `${SCANNED} dataDir=/tmp`, 0],
  ['clairctl scan IMAGE --skip-db-update', `${SCANNED} update=never`, 0],
  ['clairctl scan IMAGE --skip-db-update=false', SCANNED, 0],
  ['clairctl scan IMAGE --java-db-repository x', /updaters\.config/, 1],
  ['clairctl scan IMAGE --download-db-only', 'db update', 0],
  ['clairctl image --download-db-only -q', 'db update quiet=true', 0],
  ['clairctl scan IMAGE --download-db-only --cache-dir /c', /not support --cache-dir/, 1],
  ['clairctl scan --input x.tar', 'scan x.tar', 0],
  ['clairctl image --input x.tar', 'scan x.tar', 0],
  ['clairctl scan IMAGE --ignorefile .trivyignore', `${SCANNED} ignoreFile=.trivyignore`, 0],
  ['clairctl scan IMAGE --ignore-status affected', /--only-fixed hides those without, --only-notfixed/, 1],
  ['clairctl scan IMAGE --ignore-status fixed', `${SCANNED} onlyNotfixed=true`, 0],
  ['clairctl scan IMAGE --ignore-status affected,will_not_fix,fix_deferred', `${SCANNED} onlyFixed=true`, 0],
  ['clairctl scan IMAGE --ignore-states not-fixed,wont-fix', `${SCANNED} onlyFixed=true`, 0],
  ['clairctl scan IMAGE --ignore-states not-fixed,wont-fix,fixed', /--only-notfixed/, 1],
  ['clairctl scan IMAGE --ignore-status under_investigation', SCANNED, 0],
  ['clairctl scan IMAGE --only-notfixed', `${SCANNED} onlyNotfixed=true`, 0],
  ['clairctl scan IMAGE --only-notfixed --only-fixed', /cannot be used with/, 1],
  ['clairctl scan IMAGE --no-progress', `${SCANNED} progress=false`, 0],
  ['clairctl scan IMAGE --timeout 5m', `${SCANNED} timeout=300000`, 0],
  ['clairctl scan IMAGE --timeout 5m0s', `${SCANNED} timeout=300000`, 0],
  ['clairctl scan IMAGE --pkg-types os', /all package types are scanned/, 1],
  ['clairctl scan IMAGE --pkg-types os,library', SCANNED, 0],
  ['clairctl scan IMAGE --vuln-type os', /all package types are scanned/, 1],
  ['clairctl scan IMAGE --offline-scan', SCANNED, 0],
  ['clairctl scan IMAGE --server http://x', /clairctl report --host URL/, 1],
  ['clairctl scan IMAGE --host http://x', /clairctl report --host URL/, 1],
  ['clairctl scan IMAGE -v', `${SCANNED} debug=true`, 0],
  ['clairctl scan IMAGE -vv', `${SCANNED} debug=true`, 0],
  ['clairctl scan -d IMAGE', `${SCANNED} debug=true`, 0],
  ['clairctl scan IMAGE --debug', `${SCANNED} debug=true`, 0],
  ['clairctl scan IMAGE -D', `${SCANNED} debug=true`, 0],
  ['clairctl scan IMAGE --exit-on-eol 1', /exit code 3/, 1],
  ['clairctl scan IMAGE --dependency-tree', /clairctl explain/, 1],
  ['clairctl scan IMAGE --compliance docker-cis', /only vulnerabilities/, 1],
  ['clairctl scan IMAGE --image-src docker', `${SCANNED} from=docker`, 0],
  ['clairctl scan IMAGE --image-src remote', `${SCANNED} from=registry`, 0],
  ['clairctl scan IMAGE --image-src docker,podman,remote', SCANNED, 0],
  ['clairctl scan IMAGE --from registry', `${SCANNED} from=registry`, 0],
  ['clairctl scan IMAGE --from docker,podman', /expected a target kind/, 1],
  ['clairctl scan IMAGE --scope all-layers', /removes are not in the image/, 1],
  ['clairctl scan IMAGE --scope squashed', SCANNED, 0],
  ['clairctl scan IMAGE --add-cpes-if-none', /never by generated CPEs/, 1],
  ['clairctl scan IMAGE --distro debian:12', /os-release/, 1],
  ['clairctl scan IMAGE --vex oci', `${SCANNED} vex=oci`, 0],
  ['clairctl scan IMAGE --sbom-sources oci', `${SCANNED} sbomSources=oci`, 0],
  ['clairctl scan IMAGE --sbom-sources oci,rekor', /logs of transparency are not asked/, 1],
  ['clairctl scan IMAGE --attach sbom,sarif', `${SCANNED} attach=sbom,sarif`, 0],
  ['clairctl scan IMAGE --attach html', /want a list of sbom, vex, sarif/, 1],
  ['clairctl scan IMAGE --exclude ./x', `${SCANNED} exclude=x`, 0],
  ['clairctl scan IMAGE --exclude /x/**', `${SCANNED} exclude=x`, 0],
  ['clairctl scan IMAGE --exclude **', /want a path or pattern below the root/, 1],
  ['clairctl scan IMAGE --skip-dirs x,y/ --skip-files z', `${SCANNED} exclude=x,y,z`, 0],
  ['clairctl scan IMAGE --file out', `${SCANNED} output=out`, 0],
  ['clairctl scan IMAGE -t @contrib/html.tpl', `${SCANNED} format=html`, 0],
  ['clairctl scan IMAGE -t @contrib/asff.tpl', /Go templates/, 1],
  ['clairctl scan IMAGE -f template -t mine', `${SCANNED} format=template template=mine`, 1],
  ['clairctl scan IMAGE -f tabel', /expected one of table/, 1],
  ['clairctl scan IMAGE --format cyclonedx-json', `${SCANNED} format=cyclonedx`, 0],
  ['clairctl scan IMAGE --format spdx-json=x.spdx', `${SCANNED} format=spdx:x.spdx`, 0],
  ['clairctl scan IMAGE --format cosign-vuln', /cosign attest/, 1],
  ['clairctl scan IMAGE -o json', `${SCANNED} format=json`, 0],
  ['clairctl scan IMAGE -ojson', `${SCANNED} format=json`, 0],
  ['clairctl scan IMAGE --output=json', `${SCANNED} format=json`, 0],
  ['clairctl scan IMAGE -o json=x.json', `${SCANNED} format=json:x.json`, 0],
  ['clairctl scan IMAGE -o table -o sarif=y', `${SCANNED} format=table,sarif:y`, 0],
  ['clairctl scan IMAGE -o cyclonedx-json=y', `${SCANNED} format=cyclonedx:y`, 0],
  ['clairctl scan IMAGE -f sarif -o json', /sarif and json both write to stdout/, 1],
  ['clairctl scan IMAGE -f json -o out.json', `${SCANNED} format=json output=out.json`, 0],
  ['clairctl scan IMAGE -o ./json', `${SCANNED} output=./json`, 0],
  ['clairctl scan IMAGE -f high', `${SCANNED} failOn=high`, 0],
  ['clairctl scan IMAGE --severity bogus', /unknown, negligible/, 1],
  ['clairctl scan IMAGE --fail-on bogus', /unknown, negligible/, 1],
  ['clairctl scan IMAGE --serverity high', /Did you mean --severity/, 1],
  ['clairctl scan IMAGE --locations', /--format json/, 1],
  ['clairctl scan IMAGE --epss-score', /epss>0\.5/, 1],
  ['clairctl scan IMAGE --only-severity critical', `${SCANNED} severity=Critical`, 0],
  ['clairctl scan IMAGE --ignore-base', /clairctl diff BASE/, 1],
  ['clairctl scan IMAGE --show-suppressed', `${SCANNED} showSuppressed=true`, 0],
  ['clairctl help image', /^Usage: clairctl scan/, 0],
  // Clair's own commands keep their flags.
  ['clairctl report -o json x', 'report x out=json', 0],
  ['clairctl report -s x', /unknown option -s/, 1],
  ['clairctl frobnicate', /unknown command "frobnicate"/, 3],
];

describe('habits', () => {
  for (const [typed, want, code] of HABITS) {
    it(typed, async () => {
      process.chdir(folder);
      const happened = await type(typed);
      process.chdir(home);
      if (typeof want === 'string' && code === 0) assert.equal(happened.what, want);
      else if (want instanceof RegExp) assert.match(happened.what, want);
      assert.equal(happened.code, code, happened.what);
    });
  }

  it('leaves what Clair takes as it is, and what it has read', () => {
    const word = fc.oneof(fc.string(), fc.constantFrom('-o', 'json', '-f', '--', '-q', '-c', '-D'));
    const clairs = fc.constantFrom(...COMMAND_NAMES.filter((name) => !OURS.has(name)));
    fc.assert(
      fc.property(clairs, fc.array(word), (name, rest) => {
        assert.deepEqual(readForeignWords([name, ...rest], COMMAND_NAMES), [name, ...rest]);
      }),
    );
  });

  it('has no word twice, and none that is ours', async () => {
    const { commands } = await loadProgram();
    const scan = commands.find((each) => each.name() === 'scan')!;
    const flags = scan.options.flatMap(({ short, long }) => [short, long]);
    const conditional = new Set(['-t', '--template', ...TRAPS.flatMap(({ words }) => words)]);
    for (const { words, when } of FOREIGN_FLAGS)
      for (const word of words) assert.ok(when || !flags.includes(word) || conditional.has(word), word);
    for (const { words } of FOREIGN_COMMANDS)
      for (const word of words) assert.ok(!commands.some((each) => each.name() === word), word);
    for (const rows of [FOREIGN_FLAGS, FOREIGN_COMMANDS, FOREIGN_TARGETS, FORMATS]) {
      const unconditional = rows.filter(({ when }) => when === undefined).flatMap(({ words }) => words);
      assert.equal(new Set(unconditional).size, unconditional.length);
    }
  });

  it('leads only to words that are there', async () => {
    const { commands } = await loadProgram();
    const scan = commands.find((each) => each.name() === 'scan')!;
    const known = new Set(scan.options.flatMap(({ short, long }) => [short, long]));
    for (const { does } of [...FOREIGN_FLAGS, ...TRAPS]) {
      const ours = 'ours' in does ? [does.ours] : 'gives' in does ? does.gives : [];
      for (const word of ours) if (word.startsWith('-')) assert.ok(known.has(word), word);
    }
  });
});

describe('suggestions', () => {
  for (const [a, b, want] of [
    ['--only-notfixed', '--only-fixed', true],
    ['--input', '--output', true],
    ['--ignore-fixed', '--ignore-unfixed', true],
    ['--only-unfixed', '--only-fixed', true],
    ['--hide-suppressed', '--show-suppressed', true],
    ['--serverity', '--severity', false],
    ['--ignore-unfix', '--ignore-unfixed', false],
    ['--insecur', '--insecure', false],
  ] as const)
    it(`${a}: ${b} is ${want ? 'the opposite' : 'near'}`, () => assert.equal(areOpposite(a, b), want));

  it('loses an opposite, and keeps the complaint', () => {
    assert.equal(
      withoutOpposite("error: unknown option '--only-unfixed'\n(Did you mean --only-fixed?)\n"),
      "error: unknown option '--only-unfixed'\n",
    );
    const near = "error: unknown option '--serverity'\n(Did you mean --severity?)\n";
    assert.equal(withoutOpposite(near), near);
  });
});

describe('targets', () => {
  const at = (name: string): string => join(folder, name);
  for (const [given, want] of [
    ['registry:alpine:3', 'docker://alpine:3'],
    ['registry://alpine', 'docker://alpine'],
    ['remote:alpine', 'docker://alpine'],
    ['docker://alpine', 'docker://alpine'],
    ['docker:alpine', 'docker:alpine'],
    ['docker-daemon:alpine:3', 'docker:alpine:3'],
    ['local://alpine', 'docker:alpine'],
    ['podman:alpine', 'podman:alpine'],
    ['containers-storage:alpine', 'podman:alpine'],
    ['containerd:alpine', 'containerd:alpine'],
    ['oci-dir:a', 'oci:a'],
    ['oci-dir://a', 'oci:a'],
    ['sbom://a', 'sbom:a'],
    [`fs:${at('IMAGE')}`, `dir:${at('IMAGE')}`],
    [`fs://${at('IMAGE')}`, `dir:${at('IMAGE')}`],
    [`fs:${at('x.tar')}`, at('x.tar')],
    [`file:${at('x.tar')}`, at('x.tar')],
    ['debian:12', 'debian:12'],
    ['localhost:5000/a', 'localhost:5000/a'],
  ] as const)
    it(`${given.replace(folder, '')} is ${want.replace(folder, '')}`, async () =>
      assert.equal(await readTargetWord(given), want));

  for (const [given, message] of [
    ['singularity:x.sif', /dir:PATH/],
    ['cpe:2.3:a:b', /pkg:TYPE/],
    ['https://github.com/a/b', /clone it/],
    ['fs:nosuch', /file or directory "nosuch" not found/],
    ['file:nosuch', /file or directory "nosuch" not found/],
    [`file:${folder}`, /not a regular file/],
  ] as const)
    it(`${given.replace(folder, '')} is refused`, () => assert.rejects(readTargetWord(given), message));
});
