/** SBOMs that the console exports: all that the index has, and the same as `clairctl scan` writes of the image. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { testDatabase } from '../src/db/database.fixture.ts';
import { goProgram } from '../src/ecosystems/go/function-table.fixture.ts';
import { go } from '../src/ecosystems/go/index.ts';
import { GO_SCOPE } from '../src/ecosystems/go/lookups.ts';
import { goVersions } from '../src/ecosystems/go/version.ts';
import { codeOf } from '../src/ecosystems/go/vulnerable-code.ts';
import { ecosystems } from '../src/ecosystems/index.ts';
import { tarOf } from '../src/image/tar/writer.fixture.ts';
import type { Digest } from '../src/model/digest.ts';
import { readSbom } from '../src/sbom/read-sbom.ts';
import { reportExporter } from '../src/service/export-report.ts';
import { writeOciLayoutOf } from './e2e/make-image.ts';
import { runToEnd } from './e2e/run-program.ts';
import { ALPINE } from './e2e/world.ts';
import { type LinkedLab, linkedLab, TODAY } from './linked-lab.fixture.ts';

const HTML = 'golang.org/x/net/html';
const FILES = [
  ...Object.entries(ALPINE).map(([name, content]) => ({ name, content: Buffer.from(content), mode: 0o755 })),
  {
    name: 'usr/bin/app',
    content: goProgram(
      {
        version: 'go1.21.5',
        modules: [
          'path\texample.com/lab/cmd/run',
          'mod\texample.com/lab\tv0.1.0\t',
          'dep\tgolang.org/x/net\tv0.1.0\th1:a=',
          'build\tGOOS=linux',
          'build\tGOARCH=amd64',
          '',
        ].join('\n'),
      },
      [`${HTML}.Parse`],
    ),
    mode: 0o755,
  },
];
const RECORD = {
  id: 'GO-1',
  published: TODAY,
  aliases: ['CVE-2099-0001'],
  affected: [
    {
      package: { ecosystem: 'Go', name: 'golang.org/x/net' },
      ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '0.9.0' }] }],
      ecosystem_specific: { imports: [{ path: HTML, symbols: ['Render'] }] },
    },
  ],
};
const NAME = 'registry.example.com/team/app:1.0';

describe('the SBOM that the console exports', () => {
  const open = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'clair-export-'));
  let lab: LinkedLab;
  let digest: Digest;
  let exported: (format: string) => Promise<string>;

  before(async () => {
    open.defer(() => rmSync(folder, { recursive: true, force: true }));
    const options = { dump: 'Go', scope: { key: GO_SCOPE }, versions: goVersions, codeOf } as const;
    lab = open.use(await linkedLab(go, { ...options, ranges: ['SEMVER'], encodeFixed: 'text' }));
    await lab.publish([RECORD]);
    digest = await lab.stored(...FILES);
    await lab.db.query({
      text: `insert into console_image (digest, name) values ($1, $2)`,
      values: [digest, NAME],
    });
    const indexer = { indexReport: async () => JSON.stringify(await lab.indexReport(digest)) };
    const exporter = reportExporter({ ...lab, indexer, ecosystems, now: () => new Date(TODAY) });
    exported = async (format) => String((await exporter(digest, format))!.body);
  });
  after(() => open.disposeAsync());

  for (const format of ['cyclonedx', 'spdx'] as const) {
    it(`has every package of the index, with findings or without, and the linked code: ${format}`, async () => {
      const wire = await lab.indexReport(digest);
      const text = await exported(format);
      const { report } = readSbom(Buffer.from(text), format, ecosystems);
      const names = report.packages.map(({ package: { name } }) => name).sort();
      assert.deepEqual(
        names,
        Object.values(wire.packages)
          .map(({ name }) => name)
          .sort(),
      );
      assert.ok(['teapot', 'sound', 'golang.org/x/net', 'stdlib'].every((name) => names.includes(name)));
      assert.equal(report.linked?.length, wire.linked?.length);
      assert.equal(report.linked?.length, 1);
      assert.match(text, /CVE-2099-0001|GO-1/);
      assert.ok(text.includes(NAME));
    });

    it(`has the packages and the code that scan writes: ${format}`, async () => {
      const image = join(folder, `${format}-image`);
      writeOciLayoutOf(image, [gzipSync(tarOf(...FILES))]);
      const { dsn } = open.use(await testDatabase());
      const config = join(folder, `${format}.yaml`);
      writeFileSync(config, 'updaters: {sets: []}\n');
      const scan = ['scan', '--quiet', '--db', dsn, '--config', config, '--update', 'never'];
      const { stdout, stderr } = await runToEnd('clairctl', [...scan, '--format', format, `oci:${image}`]);
      assert.notEqual(stdout, '', stderr);
      const [own, scanned] = [await exported(format), stdout].map((text) => contentOf(format, text));
      assert.ok(own!.length >= 5);
      assert.deepEqual(own, scanned);
    });
  }
});

/** What of an SBOM depends on the image alone, and not on its name, the time or the feeds. */
function contentOf(format: 'cyclonedx' | 'spdx', text: string): unknown[] {
  const sbom = JSON.parse(text.replace(/"annotationDate":\s*"[^"]*"/g, '"annotationDate": ""'));
  if (format === 'cyclonedx')
    return sbom.components.map((each: Record<string, unknown>) => ({ ...each, 'bom-ref': undefined }));
  return sbom.packages
    .filter((each: { primaryPackagePurpose?: string }) => each.primaryPackagePurpose !== 'CONTAINER')
    .map(
      ({
        name,
        versionInfo,
        externalRefs = [],
        ...each
      }: Record<string, unknown> & { externalRefs?: { referenceType: string }[] }) => ({
        ...{ name, versionInfo, annotations: each.annotations, sourceInfo: each.sourceInfo },
        purls: externalRefs.filter(({ referenceType }) => referenceType === 'purl'),
      }),
    );
}
