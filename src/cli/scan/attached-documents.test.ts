import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { AttachedWorld, cycloneDx, openVex, statement } from '../../image/attached/attached.fixture.ts';
import { startRegistry } from '../../image/registry/server.fixture.ts';
import { json } from '../../image/target/builder.fixture.ts';
import { packageWire, reportWire, scanResult, vulnerabilityWire } from '../outcome/scan-result.fixture.ts';
import { verdictsOf } from '../policy/policy-options.ts';
import { createProgress } from '../terminal/progress.ts';
import { attach, requirePlace } from './attach.ts';
import { type AttachedFlags, attachedTo } from './attached-documents.ts';
import { judge, withNotices } from './scan.ts';
import { openSubject } from './subject.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-attached-'));
after(() => rmSync(folder, { recursive: true }));
const quiet = createProgress(process.stderr, true);
const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const key = join(folder, 'cosign.pub');
writeFileSync(key, keys.publicKey.export({ type: 'spki', format: 'pem' }));
const OPENVEX = 'https://openvex.dev/ns/v0.2.0';
const PURL = 'pkg:npm/left@1.0.0';

async function withWorld<T>(
  make: (world: AttachedWorld) => void,
  look: (subject: Awaited<ReturnType<typeof openSubject>>, world: AttachedWorld, host: string) => Promise<T>,
): Promise<T> {
  await using registry = await startRegistry();
  const world = new AttachedWorld(registry.content);
  make(world);
  const options = { crossMounts: false, registry: {}, progress: quiet, signal: AbortSignal.timeout(20_000) };
  await using subject = await openSubject(`docker://${registry.host}/team/app`, options);
  return await look(subject, world, registry.host);
}

const attachedWith = (make: (world: AttachedWorld) => void, flags: AttachedFlags) =>
  withWorld(make, (subject) =>
    attachedTo(subject, flags, { registry: {}, signal: AbortSignal.timeout(20_000) }),
  );

describe('--vex oci', () => {
  it('suppresses what an attached statement says, and tells of document and signature', async () => {
    const make = (world: AttachedWorld) =>
      world.att(
        OPENVEX,
        statement(world.image.digest, OPENVEX, openVex('CVE-2099-1', PURL)),
        keys.privateKey,
      );
    for (const [flags, want] of [
      [{ vex: ['oci'] }, /att: 1 statement; its signature is not checked \(--key FILE checks it\)/],
      [{ vex: ['oci'], key }, /att: 1 statement; signature verified/],
    ] as const) {
      const attached = await attachedWith(make, flags);
      assert.match(attached.notes.join('\n'), want);
      const report = reportWire({
        packages: [packageWire('left', '1.0.0', 'nodejs')],
        vulnerabilities: [vulnerabilityWire('CVE-2099-1')],
        hits: { left: ['CVE-2099-1'] },
        environments: {
          left: [{ package_db: 'nodejs:a', introduced_in: '', distribution_id: '', repository_ids: null }],
        },
      });
      const verdicts = await verdictsOf({ ignoreFile: false, ...flags }, quiet, new Date());
      const result = withNotices(scanResult({ report }), attached);
      assert.equal(judge(result, verdicts).view.findings.length, 1, 'without the documents');
      const { view } = judge(result, verdicts.withVex(attached.vex));
      assert.deepEqual([view.findings.length, view.suppressed.length], [0, 1]);
      assert.match(view.suppressed[0]!.suppression.source, /team\/app:sha256-\w+\.att: statements\[0\]/);
      assert.match(view.notices.join('\n'), want);
    }
  });

  it('says what is not there, or not of use', async () => {
    const none = await attachedWith(() => {}, { vex: ['oci', 'other.json'], sbomSources: ['oci'] });
    assert.match(
      none.notes.join('\n'),
      /no VEX document is attached to .*team\/app.*\n.*no SBOM is attached.*its layers are read/s,
    );
    const bad = await attachedWith(
      (world) => void world.referrer('application/vnd.openvex+json', json({ '@context': 'x' })),
      { vex: ['oci'] },
    );
    assert.match(bad.notes.join('\n'), /is not used: .*is not a VEX document/);
    await assert.rejects(
      attachedWith(() => {}, { vex: ['oci'], key: join(folder, 'none') }),
      /cannot read the key .*Expected a public key in PEM/,
    );
    writeFileSync(join(folder, 'bad.pub'), 'no key');
    await assert.rejects(
      attachedWith(() => {}, { vex: ['oci'], key: join(folder, 'bad.pub') }),
      /Expected a public key in PEM/,
    );
    const options = {
      crossMounts: false,
      registry: {},
      progress: quiet,
      signal: AbortSignal.timeout(20_000),
    };
    await using dir = await openSubject(`dir:${folder}`, options);
    await assert.rejects(attachedTo(dir, { vex: ['oci'] }, options), /is not an image of a registry/);
    assert.deepEqual((await attachedTo(dir, { vex: ['a.json'] }, options)).notes, [], 'nothing is asked');
    assert.throws(() => requirePlace(dir), /--attach has nowhere to push to/);
  });
});

describe('--sbom-sources oci', () => {
  it('takes the SBOM that names most, in place of the layers, with the digest of the image', async () => {
    const attached = await attachedWith(
      (world) => {
        world.sbom('application/vnd.cyclonedx+json', json(cycloneDx('pkg:npm/left@1.0.0')));
        world.referrer(
          'application/vnd.cyclonedx+json',
          json(cycloneDx('pkg:npm/left@1.0.0', 'pkg:npm/right@2.0.0')),
        );
        world.bundle(statement(world.image.digest, 'https://cyclonedx.org/bom', cycloneDx()));
      },
      { sbomSources: ['oci'] },
    );
    assert.deepEqual(
      Object.values(attached.sbom!.index.packages).map(({ name }) => name),
      ['left', 'right'],
    );
    const text = attached.notes.join('\n');
    assert.match(text, /packages are those of the attached SBOM, and not of the layers: .*it is not signed/);
    assert.match(text, /\.sbom is not used: another SBOM names more/);
    assert.match(text, /is not used: there is no package in it/);
  });
});

describe('--attach', () => {
  it('pushes what other scans find again', async () => {
    await withWorld(
      () => {},
      async (subject, world) => {
        const options = { registry: {}, signal: AbortSignal.timeout(20_000), progress: quiet };
        const report = reportWire({ packages: [packageWire('left', '1.0.0', 'nodejs')] });
        const verdicts = await verdictsOf({ ignoreFile: false }, quiet, new Date());
        await attach(subject, ['sbom', 'vex', 'sarif'], judge(scanResult({ report }), verdicts), options);
        const attached = await attachedTo(subject, { vex: ['oci'], sbomSources: ['oci'] }, options);
        assert.equal(attached.sbom?.index.manifest_hash, world.image.digest);
        assert.equal(attached.vex.length, 1);
      },
    );
  });
});
