/** Which files hold others: by their first bytes, and by their names where these decide. */
import type { PackageFile } from '../../contract/package-file.ts';

/** How what is in an archive is listed. */
export type Members = 'tar' | 'zip' | 'phar';

interface Image {
  readonly is: 'image';
  readonly what: string;
}

/** undefined: it cannot be listed. */
interface Archive {
  readonly is: 'archive';
  readonly members: Members | undefined;
}

/** Weights of a model of machine learning: data, of which no feed speaks. */
interface Model {
  readonly is: 'model';
}

interface Row {
  /** Of the first 512 bytes as Latin-1. */
  readonly begins: RegExp;
  /** Of the path; default: any. */
  readonly named?: RegExp;
  readonly kind: Image | Archive | Model;
}

const ANY = /^/;
const GZIP_OR_ZSTD = /^(?:\x1f\x8b|\x28\xb5\x2f\xfd)/;
const XZ_AND_OTHERS = /^(?:\xfd7zXZ\0|BZh[1-9]|7z\xbc\xaf\x27\x1c|Rar!\x1a\x07|\x04\x22\x4d\x18|LZIP)/;

function image(what: string, begins: RegExp, named = ANY): Row {
  return { begins, named, kind: { is: 'image', what } };
}

function archive(members: Members | undefined, begins: RegExp, named = ANY): Row {
  return { begins, named, kind: { is: 'archive', members } };
}

const ROWS: readonly Row[] = [
  image('a file system (squashfs)', /^(?:hsqs|sqsh)/),
  image('an application (AppImage)', /^\x7fELF[\s\S]{4}AI[\x01\x02]/),
  { begins: /^GGUF/, kind: { is: 'model' } },
  image('a disk of a machine', /^(?:QFI\xfb|KDMV|vhdxfile|conectix|<<< )/),
  image('a disk of Windows', /^MSWIM\0/),
  image('an archive of cpio', /^0707(?:01|02|07)/),
  image('a disk (ISO 9660)', ANY, /\.iso$/i),
  image('an image of a container', /imageLayoutVersion/, /(?:^|\/)oci-layout$/),
  archive('tar', /^[\s\S]{257}ustar/),
  archive('tar', ANY, /\.tar$/i),
  archive('tar', GZIP_OR_ZSTD, /\.(?:t[ag]z|tzst|tar\.(?:gz|zst))$/i),
  archive(undefined, XZ_AND_OTHERS, /\.(?:t[bx]z2?|tlz|tar\.\w+|7z|rar)$/i),
  archive('zip', /^PK(?:\x03\x04|\x05\x06)/),
  archive('zip', /^#![^\0]{0,500}?\nPK\x03\x04/), // a line or two that run it: shiv, Pex, escripts of Erlang
  archive('phar', /^#![^\n]{0,200}\bphp\d*\b/),
  archive('phar', /^(?:<\?php|#!)/, /\.phar$/),
];

/** Archives that are opened: by those who read Java, Python and the cache of Yarn. Of `.zip` Java opens archives of its own. */
const OPENED =
  /\.(?:[jwe]ar|[jh]pi|[kpsnr]ar|lpkg|aar|esa|nbm|oxt|mar|eba|wab|egg|pyzw?|pex)$|(?:^|\/)\.?yarn\/(?:berry\/)?cache\/[^/]+\.zip$/i;

/** What rows may begin with; the first byte of `ustar`; and what they may be named: quick to ask of every file. */
const BEGINS =
  /^(?:[\x1f\x28\xfdBR\x04L]|GGUF|[hs][sq][qs][sh]|7z|PK|\x7fELF[\s\S]{4}AI|QFI|KDMV|vhdx|conectix|<<< |MSWIM|0707|<\?php|#!)/;
const USTAR = 0x75;
const NAMED = /(?:\.(?:iso|tar)|(?:^|\/)oci-layout)$/i;

/** Bytes that `begins` of a package file sees. */
const BEGINNING = 16;

/** A package file, with the detectors that find its package where it is installed. */
export interface FileOfPackage extends PackageFile {
  readonly detectors: readonly string[];
}

export type HeldKind = Image | Archive | Model | { readonly is: 'package'; readonly file: FileOfPackage };

/** Returns what tells of a file at `path` that begins with `head` (up to 512 bytes): undefined is nothing of this, or it is opened. */
export function heldKinds(
  files: readonly FileOfPackage[],
): (path: string, head: Buffer) => HeldKind | undefined {
  return (path, head) => {
    const beginning = head.toString('latin1', 0, BEGINNING);
    const base = path.slice(path.lastIndexOf('/') + 1);
    const file = files.find(({ begins, is = ANY }) => begins.test(beginning) && is.test(base));
    if (file !== undefined) return { is: 'package', file };
    if (head[257] !== USTAR && !BEGINS.test(beginning) && !NAMED.test(path)) return undefined;
    const text = head.toString('latin1', 0, 512);
    const kind = ROWS.find(({ begins, named = ANY }) => begins.test(text) && named.test(path))?.kind;
    return kind?.is === 'archive' && OPENED.test(path) ? undefined : kind;
  };
}
