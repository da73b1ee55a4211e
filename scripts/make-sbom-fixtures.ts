/**
 * Makes the SBOMs of test/sboms/fixtures with Syft and Trivy, of our own images (test/sboms/images.ts):
 *
 *   node scripts/make-sbom-fixtures.ts [SYFT [TRIVY]]
 *
 * Both are built outside the project (`go install github.com/anchore/syft/cmd/syft@…`; Trivy's `cmd/trivy` with
 * `GOEXPERIMENT=jsonv2`); what is not there is left as it is. Those here are of Syft 1.32.0 and Trivy 0.74.0.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { tarOf } from '../src/image/tar/writer.fixture.ts';
import { writeOciLayoutOf } from '../test/e2e/make-image.ts';
import { ROOT } from '../test/imports.ts';
import { IMAGES } from '../test/sboms/images.ts';

const [syft = 'syft', trivy = 'trivy'] = process.argv.slice(2);
const target = join(ROOT, 'test/sboms/fixtures');
const folder = mkdtempSync(join(tmpdir(), 'sboms-'));

const TOOLS: readonly {
  tool: string;
  run: (layout: string) => readonly (readonly [name: string, args: string[]])[];
}[] = [
  {
    tool: syft,
    run: (layout) =>
      [
        ['syft.cdx.json', 'cyclonedx-json@1.6'],
        ['syft.cdx.xml', 'cyclonedx-xml@1.6'],
        ['syft.spdx.json', 'spdx-json@2.3'],
        ['syft.spdx', 'spdx-tag-value@2.3'],
        ['syft.json', 'syft-json'],
      ].map(([name, format]) => [name!, ['scan', '-q', `oci-dir:${layout}`, '-o', format!]]),
  },
  {
    tool: trivy,
    run: (layout) =>
      [
        ['trivy.cdx.json', 'cyclonedx'],
        ['trivy.spdx.json', 'spdx-json'],
        ['trivy.spdx', 'spdx'],
      ].map(([name, format]) => [
        name!,
        [
          'image',
          '--quiet',
          '--offline-scan',
          '--skip-db-update',
          '--skip-java-db-update',
          '--format',
          format!,
          '--input',
          layout,
        ],
      ]),
  },
];

/** Trivy reads no jar without its database of digests; that of ours has none, as the jars say themselves what they are. */
function emptyJavaDatabase(cache: string): void {
  const at = join(cache, 'java-db');
  mkdirSync(at, { recursive: true });
  const database = new DatabaseSync(join(at, 'trivy-java.db'));
  database.exec('CREATE TABLE artifacts (id INTEGER PRIMARY KEY, group_id TEXT, artifact_id TEXT)');
  database.exec('CREATE TABLE indices (artifact_id INTEGER, version TEXT, sha1 BLOB, archive_type TEXT)');
  database.close();
  const day = '2099-01-01T00:00:00Z';
  writeFileSync(
    join(at, 'metadata.json'),
    JSON.stringify({ Version: 1, NextUpdate: day, UpdatedAt: day, DownloadedAt: day }),
  );
}

/** Without the places and the settings of the machine that it was made on, and as lines that a change can be seen in. */
function tidied(text: string, layout: string, image: string): string {
  const here = text.replaceAll(layout, image).replaceAll(layout.replaceAll('/', '-'), `-${image}`);
  if (!here.startsWith('{')) return here;
  const json = JSON.parse(here);
  if (json.descriptor !== undefined) delete json.descriptor.configuration;
  return `${JSON.stringify(json, undefined, 1)}\n`;
}

mkdirSync(target, { recursive: true });
try {
  emptyJavaDatabase(join(folder, 'trivy'));
  for (const [image, files] of Object.entries(IMAGES)) {
    const layout = join(folder, image);
    writeOciLayoutOf(layout, [tarOf(...files)]);
    for (const { tool, run } of TOOLS) {
      for (const [name, args] of run(layout)) {
        try {
          const env = {
            ...process.env,
            SYFT_CHECK_FOR_APP_UPDATE: 'false',
            TRIVY_CACHE_DIR: join(folder, 'trivy'),
          };
          const text = execFileSync(tool, args, { encoding: 'utf8', env, maxBuffer: 64 * 1024 * 1024 });
          // Where it was made is nobody's business.
          writeFileSync(join(target, `${image}.${name}`), tidied(text, layout, image));
        } catch (error) {
          process.stderr.write(`${image}.${name}: ${error instanceof Error ? error.message : error}\n`);
        }
      }
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
