import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { commandWithEnvironment } from '../flags/flag-environment.ts';
import { addOutputOptions, type OutputOptions, type Outputs, outputsOf } from './output-options.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-outputs-'));
after(() => rmSync(folder, { recursive: true }));
const template = join(folder, 'lab.tmpl');
writeFileSync(template, 'x');

async function outputs(...args: string[]): Promise<Outputs> {
  const command = addOutputOptions(
    commandWithEnvironment('x')
      .exitOverride()
      .configureOutput({ writeErr: () => {} }),
  );
  return outputsOf(command.parse(args, { from: 'user' }).opts<OutputOptions>());
}

describe('what is written where', () => {
  const cases: [args: string[], want: string[]][] = [
    [[], ['table']],
    [['-o', 'x'], ['table=x']],
    [['--format', 'json'], ['json']],
    [['-f', 'JSON', '-o', 'x'], ['json=x']],
    [
      ['-f', 'sarif=a.sarif,html=b.html'],
      ['sarif=a.sarif', 'html=b.html'],
    ],
    [
      ['-f', 'sarif=a.sarif', '-f', 'table'],
      ['sarif=a.sarif', 'table'],
    ],
    [
      ['-f', 'json=a,b.json, table'],
      ['json=a,b.json', 'table'],
    ],
    [['-f', 'markdown=a=b.md'], ['markdown=a=b.md']],
  ];
  for (const [args, want] of cases) {
    it(`${args.join(' ') || 'nothing said'} -> ${want.join(' ')}`, async () => {
      const { reports } = await outputs(...args);
      assert.deepEqual(
        reports.map(({ format, file }) => (file === undefined ? format : `${format}=${file}`)),
        want,
      );
    });
  }

  it('takes flags before the environment', async () => {
    process.env.CLAIR_FORMAT = 'json,html=x.html';
    try {
      assert.deepEqual((await outputs()).reports, [{ format: 'json' }, { format: 'html', file: 'x.html' }]);
      assert.deepEqual((await outputs('-f', 'sarif')).reports, [{ format: 'sarif' }]);
    } finally {
      delete process.env.CLAIR_FORMAT;
    }
  });

  it('knows the format of an SBOM by name or ending', async () => {
    const { sboms } = await outputs(
      '--sbom-output',
      'a.json',
      '--sbom-output',
      'b.spdx.json',
      '--sbom-output',
      'spdx=c',
    );
    assert.deepEqual(
      sboms.map(({ format, file }) => `${format} ${file}`),
      ['cyclonedx a.json', 'spdx b.spdx.json', 'spdx c'],
    );
  });

  it('reads the template', async () => {
    assert.deepEqual((await outputs('-f', 'template', '--template', template)).template, {
      name: 'lab.tmpl',
      text: 'x',
    });
  });

  const wrong: [args: string[], message: RegExp][] = [
    [['-f', 'pdf'], /expected one of table, json/],
    [['-f', 'toString'], /expected one of/],
    [['-f', 'json='], /no file after/],
    [['-f', 'json,table'], /json and table both write to stdout\. Give one a file, for example: json=FILE/],
    [['-f', 'json=x', '-o', 'y'], /every --format names its own file/],
    [['-f', 'json=x,html=x'], /two outputs write to x/],
    [['-f', 'json=x', '--sbom-output', 'x'], /two outputs write to x/],
    [['-f', 'template'], /require each other/],
    [['--template', template], /require each other/],
    [['-f', 'template', '--template', join(folder, 'none')], /cannot read template/],
  ];
  for (const [args, message] of wrong) {
    it(`refuses ${args.slice(0, 4).join(' ').replace(folder, '')}`, () =>
      assert.rejects(outputs(...args), message));
  }
});
