import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, it } from 'node:test';
import type { Digest } from '../../model/digest.ts';
import { parseReference } from '../registry/reference.ts';
import { startRegistry, type TestRegistry } from '../registry/server.fixture.ts';
import { json } from '../target/builder.fixture.ts';
import { AttachedWorld, cycloneDx, envelope, type Layer, openVex, statement } from './attached.fixture.ts';
import type { DocumentKind } from './attachment.ts';
import { findAttached } from './find-attached.ts';
import { pushReferrers } from './push-referrer.ts';

const OPENVEX = 'https://openvex.dev/ns/v0.2.0';
const CYCLONEDX = 'https://cyclonedx.org/bom/v1.6';
const IN_TOTO = 'application/vnd.in-toto+json';
const vex = openVex('CVE-2099-1', 'pkg:npm/a@1');
const sbom = cycloneDx('pkg:npm/a@1');
const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const others = generateKeyPairSync('ec', { namedCurve: 'P-256' });

async function find(
  registry: TestRegistry,
  world: AttachedWorld,
  key?: KeyObject,
  kinds: readonly DocumentKind[] = ['vex', 'sbom'],
) {
  const reference = parseReference(`${registry.host}/${world.repository}`);
  const digests = [world.image.digest, world.indexDigest] as Digest[];
  const options = {
    env: {},
    insecure: false,
    signal: AbortSignal.timeout(20_000),
    retry: { tries: 1, backoff: 1, longest: 1 },
  };
  const { attachments, unusable } = await findAttached(reference, digests, {
    ...options,
    kinds: new Set(kinds),
    key,
  });
  const strip = (text: string) => text.replaceAll(/127\.0\.0\.1:\d+\/\S+/g, 'REF');
  return {
    found: attachments.map(({ kind, signature }) => `${kind} ${signature}`).sort(),
    unusable: unusable.map(strip).sort(),
    texts: attachments.map(({ text }) => text),
  };
}

type Make = (world: AttachedWorld, digest: string) => void;

describe('what is attached to an image is found', () => {
  const shapes: [shape: string, make: Make, found: string[], unsigned?: boolean][] = [
    [
      'bare documents as referrers',
      (world) => {
        world.referrer('application/vnd.openvex+json', json(vex));
        world.referrer('application/vnd.cyclonedx+json', json(sbom));
      },
      ['sbom unsigned', 'vex unsigned'],
      true,
    ],
    [
      'cosign’s attestations',
      (world, digest) => world.att(OPENVEX, statement(digest, OPENVEX, vex), keys.privateKey),
      ['vex unchecked'],
    ],
    [
      'cosign’s attestations of the index',
      (world) => {
        world.att(
          CYCLONEDX,
          statement(world.indexDigest, CYCLONEDX, sbom),
          keys.privateKey,
          world.indexDigest,
        );
      },
      ['sbom unchecked'],
    ],
    [
      'cosign’s own predicate',
      (world, digest) => {
        const type = 'https://cosign.sigstore.dev/attestation/v1';
        world.att(
          type,
          statement(digest, type, { Data: JSON.stringify(vex), Timestamp: '' }),
          keys.privateKey,
        );
      },
      ['vex unchecked'],
    ],
    [
      'cosign’s SBOMs',
      (world) => void world.sbom('application/vnd.cyclonedx+json', json(sbom)),
      ['sbom unsigned'],
      true,
    ],
    [
      'Sigstore’s bundles',
      (world, digest) => void world.bundle(statement(digest, OPENVEX, vex), keys.privateKey),
      ['vex unchecked'],
    ],
    ['bare statements', (world) => void world.bareStatement(OPENVEX, vex), ['vex unsigned'], true],
    [
      'DSSE as a referrer',
      (world, digest) => {
        world.referrer(
          'application/vnd.dsse.envelope.v1+json',
          json(envelope(statement(digest, OPENVEX, vex), keys.privateKey)),
        );
      },
      ['vex unchecked'],
    ],
  ];
  for (const [shape, make, want, unsigned] of shapes)
    it(`as ${shape}`, async () => {
      await using registry = await startRegistry();
      const world = new AttachedWorld(registry.content);
      make(world, world.image.digest);
      assert.deepEqual(await find(registry, world).then(({ found, unusable }) => [found, unusable]), [
        want,
        [],
      ]);
      const byKey = await find(registry, world, keys.publicKey);
      assert.deepEqual(
        byKey.found,
        unsigned ? [] : want.map((each) => each.replace('unchecked', 'verified')),
      );
      assert.equal(byKey.unusable.length, unsigned ? want.length : 0);
      const byOther = await find(registry, world, others.publicKey);
      assert.deepEqual(byOther.found, []);
      assert.ok(
        byOther.unusable.every((each) => each.endsWith('is not used: it has no signature by the key')),
      );
      const [first] = want;
      const only = await find(registry, world, undefined, [first!.startsWith('vex') ? 'sbom' : 'vex']);
      assert.equal(only.found.length, want.length - 1);
    });

  it('as attestations that BuildKit puts into the index', async () => {
    await using registry = await startRegistry();
    const layers = (digest: string): Layer[] => [
      {
        mediaType: IN_TOTO,
        bytes: json(statement(digest, CYCLONEDX, sbom)),
        annotations: { 'in-toto.io/predicate-type': CYCLONEDX },
      },
      {
        mediaType: IN_TOTO,
        bytes: json({ not: 'asked for' }),
        annotations: { 'in-toto.io/predicate-type': 'https://slsa.dev/provenance/v1' },
      },
    ];
    const { image } = new AttachedWorld(registry.content);
    const world = new AttachedWorld(registry.content, layers(image.digest));
    assert.deepEqual((await find(registry, world)).found, ['sbom unsigned']);
  });

  it('by a tag where the registry lists no referrers', async () => {
    await using registry = await startRegistry({ referrers: false });
    const world = new AttachedWorld(registry.content);
    world.referrersTag([
      world.referrer('application/vnd.openvex+json', json(vex)),
      world.bundle(statement(world.image.digest, CYCLONEDX, sbom)),
    ]);
    assert.deepEqual((await find(registry, world)).found, ['sbom unsigned', 'vex unsigned']);
  });

  it('with signatures that cosign makes over manifests', async () => {
    await using registry = await startRegistry();
    const world = new AttachedWorld(registry.content);
    world.sign(world.sbom('application/vnd.cyclonedx+json', json(sbom)), keys.privateKey);
    world.sign(
      world.referrer('application/vnd.openvex+json', json(vex)),
      keys.privateKey,
      world.image.digest,
    );
    const { found, unusable } = await find(registry, world, keys.publicKey);
    assert.deepEqual(found, ['sbom verified']);
    assert.equal(unusable.length, 1, 'the signature is over another manifest');
  });

  it('with bundles that cosign 3 makes over manifests', async () => {
    await using registry = await startRegistry();
    const world = new AttachedWorld(registry.content);
    world.signByBundle(world.sbom('application/vnd.cyclonedx+json', json(sbom)), keys.privateKey);
    const vexes = [vex, openVex('CVE-2099-2', 'pkg:npm/b@1')].map((each) =>
      world.referrer('application/vnd.openvex+json', json(each)),
    );
    world.signByBundle(vexes[0]!, keys.privateKey, world.image.digest);
    world.signByBundle(vexes[1]!, others.privateKey);
    // The image is signed the same way: that is no document, and nothing is said of it.
    world.signByBundle(world.image.digest, keys.privateKey);
    const { found, unusable } = await find(registry, world, keys.publicKey);
    assert.deepEqual(found, ['sbom verified']);
    assert.equal(unusable.length, 2, unusable.join('\n'));
  });

  for (const [type, pair] of [
    ['RSA', generateKeyPairSync('rsa', { modulusLength: 2048 })],
    ['Ed25519', generateKeyPairSync('ed25519')],
    ['P-384', generateKeyPairSync('ec', { namedCurve: 'P-384' })],
  ] as const)
    it(`signed with ${type}`, async () => {
      await using registry = await startRegistry();
      const world = new AttachedWorld(registry.content);
      world.att(OPENVEX, statement(world.image.digest, OPENVEX, vex), pair.privateKey);
      assert.deepEqual((await find(registry, world, pair.publicKey)).found, ['vex verified']);
    });
});

describe('what is attached and cannot be used is told', () => {
  const cases: [what: string, make: Make, why: RegExp][] = [
    [
      'about another image',
      (world) => world.att(OPENVEX, statement(`sha256:${'1'.repeat(64)}`, OPENVEX, vex), keys.privateKey),
      /it is about another image/,
    ],
    [
      'no JSON',
      (world) => void world.referrer('application/vnd.in-toto+json', Buffer.from('<html>')),
      /it is not JSON/,
    ],
    [
      'an empty bundle',
      (world) =>
        void world.referrer(
          'application/vnd.dev.sigstore.bundle.v0.3+json',
          json({ mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json' }),
        ),
      /a bundle without a DSSE envelope/,
    ],
    [
      'an envelope of something',
      (world) => world.att(OPENVEX, { some: 'thing' }, keys.privateKey),
      /holds no in-toto statement/,
    ],
    [
      'a manifest of nothing',
      (world) =>
        void world.content.push(world.repository, `${world.image.digest.replace(':', '-')}.att`, json({})),
      /no manifest of an artifact/,
    ],
    [
      'a damaged document',
      (world) => {
        const digest = world.content.pushBlob(world.repository, json(vex));
        world.sbom('application/vnd.cyclonedx+json', json(sbom));
        world.referrer('application/vnd.openvex+json', json(vex));
        world.content.damage(world.repository, digest);
      },
      /is damaged/,
    ],
  ];
  for (const [what, make, why] of cases)
    it(what, async () => {
      await using registry = await startRegistry();
      const world = new AttachedWorld(registry.content);
      make(world, world.image.digest);
      const { unusable } = await find(registry, world);
      assert.equal(unusable.length, 1);
      assert.match(unusable[0]!, why);
    });

  it('a referrer that is about another image, whoever lists it', async () => {
    await using registry = await startRegistry({ referrers: false });
    const world = new AttachedWorld(registry.content);
    world.referrersTag([
      world.referrer('application/vnd.openvex+json', json(vex), `sha256:${'2'.repeat(64)}`),
    ]);
    const { found, unusable } = await find(registry, world);
    assert.deepEqual([found, unusable.length], [[], 1]);
    assert.match(unusable[0]!, /about another image/);
  });

  it('never what stands beside a signed statement', async () => {
    await using registry = await startRegistry();
    const world = new AttachedWorld(registry.content);
    const signed = envelope(statement(world.image.digest, OPENVEX, vex), keys.privateKey);
    const forged = envelope(statement(world.image.digest, OPENVEX, openVex('CVE-2099-666', 'pkg:npm/a@1')));
    const mediaType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
    world.referrer(mediaType, json({ ...forged, mediaType, dsseEnvelope: signed }));
    const { found, texts } = await find(registry, world, keys.publicKey);
    assert.deepEqual(found, ['vex verified']);
    assert.doesNotMatch(texts.join(''), /CVE-2099-666/);
  });
});

describe('documents are attached', () => {
  for (const referrers of [true, false])
    it(`to a registry that ${referrers ? 'lists' : 'does not list'} referrers, and are found again beside those before`, async () => {
      await using registry = await startRegistry({ referrers });
      const world = new AttachedWorld(registry.content);
      const before = world.referrer('application/vnd.cyclonedx+json', json(sbom));
      if (!referrers) world.referrersTag([before]);
      const reference = parseReference(`${registry.host}/${world.repository}`);
      const options = { env: {}, insecure: false, signal: AbortSignal.timeout(20_000) };
      const documents = [
        {
          type: 'application/vnd.openvex+json',
          bytes: json(vex),
          title: 'a.json',
          created: '2099-01-01T00:00:00Z',
        },
        {
          type: 'application/sarif+json',
          bytes: json({ version: '2.1.0' }),
          title: 'b.json',
          created: '2099-01-01T00:00:00Z',
        },
      ];
      for (let times = 0; times < 2; times++)
        assert.equal(
          (await pushReferrers(reference, world.image.digest as Digest, documents, options)).length,
          2,
        );
      const { found, unusable } = await find(registry, world);
      assert.deepEqual([found, unusable], [['sbom unsigned', 'vex unsigned'], []]);
    });
});
