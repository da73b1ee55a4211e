/** Attaches documents to an image of the tests, in each way that tools do. */
import { type KeyObject, sign } from 'node:crypto';
import type { RegistryContent } from '../registry/content.fixture.ts';
import { image, index, json, sha256 } from '../target/builder.fixture.ts';

export const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const DSSE = 'application/vnd.dsse.envelope.v1+json';
const IN_TOTO = 'application/vnd.in-toto+json';
const SIGN = 'https://sigstore.dev/cosign/sign/v1';
const BUNDLE = 'application/vnd.dev.sigstore.bundle.v0.3+json';

export interface Layer {
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** An in-toto statement about `digest`. */
export function statement(digest: string, predicateType: string, predicate: unknown): object {
  const [algorithm = '', hex = ''] = digest.split(':');
  return {
    _type: 'https://in-toto.io/Statement/v0.1',
    predicateType,
    subject: [{ name: 'app', digest: { [algorithm]: hex } }],
    predicate,
  };
}

/** DSSE: signed over its pre-authentication encoding, written here as the specification has it. */
export function envelope(content: object, key?: KeyObject): object {
  const body = json(content);
  const pae = Buffer.concat([Buffer.from(`DSSEv1 ${IN_TOTO.length} ${IN_TOTO} ${body.length} `), body]);
  const hash = key?.asymmetricKeyType === 'ed25519' ? null : 'sha256';
  const signatures = key ? [{ keyid: '', sig: sign(hash, pae, key).toString('base64') }] : [];
  return { payloadType: IN_TOTO, payload: body.toString('base64'), signatures };
}

/** One image with two platforms in an index, and ways to attach to it. */
export class AttachedWorld {
  readonly image = image(['attached']);
  readonly repository = 'team/app';
  readonly content: RegistryContent;
  readonly indexDigest: string;

  /** `attestations`: layers of BuildKit's manifest in the index. */
  constructor(content: RegistryContent, attestations: readonly Layer[] = []) {
    this.content = content;
    for (const bytes of this.image.blobs.values()) content.pushBlob(this.repository, bytes);
    content.push(this.repository, this.image.digest, this.image.blobs.get(this.image.digest)!);
    const entries: unknown[] = [this.image.descriptor];
    if (attestations.length > 0) {
      const digest = this.manifest(attestations, {});
      const annotations = {
        'vnd.docker.reference.type': 'attestation-manifest',
        'vnd.docker.reference.digest': this.image.digest,
      };
      entries.push({
        mediaType: MANIFEST,
        digest,
        size: 1,
        annotations,
        platform: { os: 'unknown', architecture: 'unknown' },
      });
    }
    this.indexDigest = content.push(this.repository, 'latest', index(entries).bytes);
  }

  /** A manifest with these layers, under its digest or `tag`. */
  manifest(layers: readonly Layer[], more: object, tag?: string): string {
    const config = Buffer.from('{}');
    this.content.pushBlob(this.repository, config);
    const bytes = json({
      ...{ schemaVersion: 2, mediaType: MANIFEST },
      config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: sha256(config), size: 2 },
      layers: layers.map(({ mediaType, bytes: content, annotations }) => ({
        ...{ mediaType, digest: this.content.pushBlob(this.repository, content), size: content.length },
        ...(annotations && { annotations }),
      })),
      ...more,
    });
    return this.content.push(this.repository, tag ?? sha256(bytes), bytes);
  }

  /** A referrer of the image, or of `subject`. */
  referrer(artifactType: string, bytes: Buffer, subject = this.image.digest): string {
    const about = { mediaType: MANIFEST, digest: subject, size: 1 };
    return this.manifest([{ mediaType: artifactType, bytes }], { artifactType, subject: about });
  }

  bundle(content: object, key?: KeyObject): string {
    const bytes = json({ mediaType: BUNDLE, verificationMaterial: {}, dsseEnvelope: envelope(content, key) });
    return this.referrer(BUNDLE, bytes);
  }

  /** A bare statement, as Docker's hardened images have it. */
  bareStatement(predicateType: string, predicate: unknown): string {
    const bytes = json(statement(this.image.digest, predicateType, predicate));
    const annotations = { 'in-toto.io/predicate-type': predicateType };
    const subject = { mediaType: MANIFEST, digest: this.image.digest, size: 1 };
    return this.manifest([{ mediaType: IN_TOTO, bytes, annotations }], { artifactType: IN_TOTO, subject });
  }

  /** cosign attest: a layer each. */
  att(predicateType: string, content: object, key?: KeyObject, digest = this.image.digest): void {
    const bytes = json(envelope(content, key));
    this.manifest(
      [{ mediaType: DSSE, bytes, annotations: { predicateType } }],
      {},
      `${digest.replace(':', '-')}.att`,
    );
  }

  /** cosign attach sbom. */
  sbom(mediaType: string, bytes: Buffer): string {
    return this.manifest([{ mediaType, bytes }], {}, `${this.image.digest.replace(':', '-')}.sbom`);
  }

  /** cosign sign of a manifest. */
  sign(digest: string, key: KeyObject, named = digest): void {
    const bytes = json({
      critical: {
        identity: {},
        image: { 'docker-manifest-digest': named },
        type: 'cosign container image signature',
      },
    });
    const hash = key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
    const annotations = { 'dev.cosignproject.cosign/signature': sign(hash, bytes, key).toString('base64') };
    const layer = { mediaType: 'application/vnd.dev.cosign.simplesigning.v1+json', bytes, annotations };
    this.manifest([layer], {}, `${digest.replace(':', '-')}.sig`);
  }

  /** cosign sign of a manifest, from version 3 on. */
  signByBundle(digest: string, key: KeyObject, named = digest): string {
    const { predicate: _, ...content } = statement(named, SIGN, null) as { predicate: null };
    const bytes = json({ mediaType: BUNDLE, verificationMaterial: {}, dsseEnvelope: envelope(content, key) });
    return this.referrer(BUNDLE, bytes, digest);
  }

  /** The list of referrers as a tag, for a registry without the API; `type`: of all of them, whatever they are. */
  referrersTag(digests: readonly string[], type?: string): void {
    const links = digests.map((digest) => {
      const bytes = this.content.manifest(this.repository, digest)!.bytes;
      const { artifactType } = JSON.parse(bytes.toString('utf8')) as { artifactType: string };
      return { mediaType: MANIFEST, digest, size: bytes.length, artifactType: type ?? artifactType };
    });
    this.content.push(this.repository, this.image.digest.replace(':', '-'), index(links).bytes);
  }
}

/** OpenVEX that says that `id` does not affect `purl`. */
export function openVex(id: string, purl: string): object {
  return {
    '@context': 'https://openvex.dev/ns/v0.2.0',
    '@id': `https://example.test/${id}`,
    author: 'tests',
    timestamp: '2099-01-01T00:00:00Z',
    version: 1,
    statements: [
      {
        vulnerability: { name: id },
        products: [{ '@id': purl }],
        status: 'not_affected',
        justification: 'vulnerable_code_not_present',
      },
    ],
  };
}

export function cycloneDx(...purls: readonly string[]): object {
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    components: purls.map((purl) => ({ type: 'library', name: purl, version: '1', purl })),
  };
}
