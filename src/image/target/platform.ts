/** Platforms of images: `os/architecture[/variant]` as in the OCI image index. */
import { AppError } from '../../errors.ts';

export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string | undefined;
}

/** What other tools call an architecture -> what Go, and so OCI, calls it. */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: 'amd64',
  x86_64: 'amd64',
  aarch64: 'arm64',
  ia32: '386',
  i386: '386',
  mipsel: 'mipsle',
  loong64: 'loong64',
};

/** Reads `linux/arm64/v8`. Throws `bad-target`. */
export function parsePlatform(text: string): Platform {
  const match = /^([a-z0-9]+)\/([a-z0-9_]+)(?:\/([a-z0-9.]+))?$/.exec(text.toLowerCase());
  if (match === null) {
    throw new AppError(
      'bad-target',
      `${JSON.stringify(text)} is not a valid platform: expected os/architecture[/variant], such as linux/amd64`,
    );
  }
  const [, os = '', architecture = '', variant] = match;
  return { os, architecture: ARCHITECTURES[architecture] ?? architecture, variant };
}

/** Linux on this machine's architecture (`process.arch`). */
export function hostPlatform(arch: string = process.arch): Platform {
  return { os: 'linux', architecture: ARCHITECTURES[arch] ?? arch };
}

/** 0: `have` is not what is wanted; else the higher the better. */
export function fitness(wanted: Platform, have: Platform): number {
  if (wanted.os !== have.os || wanted.architecture !== have.architecture) return 0;
  const [a, b] = [variantOf(wanted), variantOf(have)];
  if (a === b) return 3;
  if (b === '') return 2;
  return a === '' ? 1 : 0;
}

/** `linux/arm/v7`. */
export function showPlatform({ os, architecture, variant }: Platform): string {
  return [os, architecture, variant].filter(Boolean).join('/');
}

/** OCI image-index: arm64 without variant is v8. */
function variantOf({ architecture, variant = '' }: Platform): string {
  return architecture === 'arm64' && variant === 'v8' ? '' : variant;
}
