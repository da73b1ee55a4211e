/** What a registry of the tests takes: uploads in one piece or in chunks, mounts, manifests; and its list of referrers. */
import { createHash, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RegistryContent } from './content.fixture.ts';

/** How the registry takes pushes; may be changed while it runs. */
export interface PushManners {
  /** Whether tokens allow pushes. */
  writable: boolean;
  /** Bytes of one request; more gets 413. */
  uploadLimit: number;
  /** Bytes of a chunk that is not the last one; fewer get 416. 0: it does not matter. */
  minChunk: number;
  /** Whether blobs are mounted from other repositories. */
  mounts: boolean;
  /** Whether the registry lists referrers, and takes note of subjects (OCI distribution-spec 1.1). */
  referrers: boolean;
  /** Uploads that break off, and after how many bytes, which are kept. */
  uploadBreaks: number;
  uploadBreakAfter: number;
}

export const QUIET: PushManners = {
  writable: true,
  uploadLimit: Number.POSITIVE_INFINITY,
  minChunk: 0,
  mounts: true,
  referrers: true,
  uploadBreaks: 0,
  uploadBreakAfter: 0,
};

interface Asked {
  readonly url: URL;
  readonly repository: string;
  readonly kind: string | undefined;
  readonly name: string;
}

interface Upload {
  readonly repository: string;
  bytes: Buffer;
}

/** Returns a handler that answers what belongs to pushes and referrers, and says whether it did. */
export function servePushes(content: RegistryContent, manners: PushManners) {
  const uploads = new Map<string, Upload>();

  return async (request: IncomingMessage, response: ServerResponse, asked: Asked): Promise<boolean> => {
    const { kind, repository, name } = asked;
    if (kind === 'referrers')
      return manners.referrers ? listReferrers(response, asked) : ended(response, 404, 'NOT_FOUND');
    if (kind === 'manifests' && request.method === 'PUT') return takeManifest(request, response, asked);
    if (kind !== 'blobs/uploads') return false;
    if (request.method === 'POST') return begin(response, asked);
    const upload = uploads.get(name);
    if (upload?.repository !== repository) return ended(response, 404, 'BLOB_UPLOAD_UNKNOWN');
    if (request.method === 'GET') {
      end(response, 204, '', { location: next(asked, name), range: rangeOf(upload) });
      return true;
    }
    return takeBytes(request, response, asked, upload);
  };

  function begin(response: ServerResponse, asked: Asked): boolean {
    const { searchParams } = asked.url;
    const [mount, from] = [searchParams.get('mount'), searchParams.get('from')];
    const known = mount && from && manners.mounts ? content.blob(from, mount) : undefined;
    if (known) {
      content.pushBlob(asked.repository, known);
      end(response, 201, '', { location: `/v2/${asked.repository}/blobs/${mount}` });
      return true;
    }
    const id = randomUUID();
    uploads.set(id, { repository: asked.repository, bytes: Buffer.alloc(0) });
    const least = manners.minChunk > 0 ? { 'oci-chunk-min-length': String(manners.minChunk) } : {};
    end(response, 202, '', { location: next(asked, id), ...least });
    return true;
  }

  async function takeBytes(
    request: IncomingMessage,
    response: ServerResponse,
    asked: Asked,
    upload: Upload,
  ): Promise<boolean> {
    if (asked.url.searchParams.get('state') !== stateOf(upload)) return ended(response, 400, 'STATE');
    if (Number(request.headers['content-length'] ?? 0) > manners.uploadLimit) {
      request.resume();
      return ended(response, 413, 'SIZE_INVALID');
    }
    const range = request.headers['content-range'];
    if (range !== undefined && Number(range.split('-')[0]) !== upload.bytes.length) {
      request.resume();
      return ended(response, 416, 'RANGE_INVALID');
    }
    for await (const piece of request) {
      upload.bytes = Buffer.concat([upload.bytes, piece as Buffer]);
      if (manners.uploadBreaks > 0 && upload.bytes.length > manners.uploadBreakAfter) {
        manners.uploadBreaks--;
        upload.bytes = upload.bytes.subarray(0, manners.uploadBreakAfter);
        request.destroy();
        return true;
      }
    }
    const digest = asked.url.searchParams.get('digest');
    if (request.method === 'PATCH') {
      end(response, 202, '', { location: next(asked, asked.name), range: rangeOf(upload) });
    } else if (digest !== digestOf(upload.bytes)) {
      return ended(response, 400, 'DIGEST_INVALID');
    } else {
      content.pushBlob(asked.repository, upload.bytes);
      uploads.delete(asked.name);
      end(response, 201, '', { location: `/v2/${asked.repository}/blobs/${digest}` });
    }
    return true;
  }

  async function takeManifest(
    request: IncomingMessage,
    response: ServerResponse,
    { repository, name }: Asked,
  ): Promise<boolean> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const bytes = Buffer.concat(pieces);
    if (name.startsWith('sha256:') && name !== digestOf(bytes)) return ended(response, 400, 'DIGEST_INVALID');
    const manifest = JSON.parse(bytes.toString('utf8')) as Manifest;
    const missing = [manifest.config, ...(manifest.layers ?? [])].filter(
      (each) => each && !content.blob(repository, each.digest),
    );
    if (missing.length > 0) return ended(response, 404, 'MANIFEST_BLOB_UNKNOWN');
    const digest = content.push(repository, name, bytes);
    const noted = manners.referrers && manifest.subject ? { 'oci-subject': manifest.subject.digest } : {};
    end(response, 201, '', { 'docker-content-digest': digest, ...noted });
    return true;
  }

  function listReferrers(response: ServerResponse, { repository, name, url }: Asked): boolean {
    const wanted = url.searchParams.get('artifactType');
    const manifests = content.manifestsOf(repository).flatMap(({ bytes, mediaType }) => {
      const { subject, config, artifactType, annotations } = JSON.parse(bytes.toString('utf8')) as Manifest;
      const type = artifactType ?? config?.mediaType;
      if (subject?.digest !== name || (wanted !== null && type !== wanted)) return [];
      return { mediaType, digest: digestOf(bytes), size: bytes.length, artifactType: type, annotations };
    });
    const mediaType = 'application/vnd.oci.image.index.v1+json';
    const filtered: Readonly<Record<string, string>> =
      wanted === null ? {} : { 'oci-filters-applied': 'artifactType' };
    const body = JSON.stringify({ schemaVersion: 2, mediaType, manifests });
    end(response, 200, body, { 'content-type': mediaType, ...filtered });
    return true;
  }

  function next({ repository }: Asked, id: string): string {
    const upload = uploads.get(id);
    return `/v2/${repository}/blobs/uploads/${id}?state=${upload ? stateOf(upload) : ''}`;
  }
}

interface Manifest {
  readonly config?: { readonly digest: string; readonly mediaType: string };
  readonly layers?: readonly { readonly digest: string }[];
  readonly subject?: { readonly digest: string };
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

function stateOf({ bytes }: Upload): string {
  return `at${bytes.length}`;
}

function rangeOf({ bytes }: Upload): string {
  return `0-${Math.max(0, bytes.length - 1)}`;
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function ended(response: ServerResponse, status: number, code: string): boolean {
  end(response, status, problem(code));
  return true;
}

/** Answers with a whole body. */
export function end(
  response: ServerResponse,
  status: number,
  body: Buffer | string = '',
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers }).end(body);
}

export function problem(code: string): string {
  return JSON.stringify({ errors: [{ code, message: `${code} here` }] });
}
