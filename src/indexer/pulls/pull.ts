/** An image of a registry that is to be indexed. */
import type { Digest } from '../../model/digest.ts';

/** Where the image is. */
export interface PullSource {
  /** As in the name of the image. */
  readonly host: string;
  readonly repository: string;
  /** A tag, or a digest. */
  readonly name: string;
  /** By plain HTTP (true), or never so (false); absent: as the configuration of that registry says. */
  readonly plainHttp?: boolean;
}

export interface NewPull {
  /** One of the same key that waits is not queued twice. */
  readonly key: string;
  readonly source: PullSource;
  /** JSON; the pull is kept with its outcome after its end. Absent: nobody asks. */
  readonly request?: string;
  /** Sealed; absent: those of the configuration. */
  readonly credentials?: Buffer;
}

/** How much waits, for metrics. */
export interface PullDepth {
  /** Those that wait or are worked on. */
  readonly waiting: number;
  /** Seconds that the pull waits which has been due for longest; 0: no pull waits for a worker. */
  readonly oldestSeconds: number;
}

/** A pull that a worker has taken. */
export interface TakenPull {
  readonly id: string;
  readonly key: string;
  readonly source: PullSource;
  readonly credentials: Uint8Array | undefined;
  /** Whether somebody asks for the outcome. */
  readonly isKept: boolean;
  /** This one included. */
  readonly attempts: number;
}

export interface PulledImage {
  readonly manifest: Digest;
  /** `linux/arm64`; '' if it is of no index. */
  readonly platform: string;
}

export interface PullOutcome {
  /** Of the image or index that the name stands for. */
  readonly digest: Digest;
  readonly images: readonly PulledImage[];
  /** What of an index could not be had, and why. */
  readonly skipped: readonly string[];
}

/** How a pull is whose outcome somebody asks for. */
export interface PullStatus {
  readonly request: string;
  readonly state: 'waiting' | 'done' | 'failed';
  /** undefined: not done. */
  readonly outcome: PullOutcome | undefined;
  /** Why it failed, or its last attempt. */
  readonly error: string | undefined;
  /** undefined: it has not ended. */
  readonly ended: Date | undefined;
}

/** As the console calls it: `registry.example.com/team/app:1.0`; without the digest where it has no tag. */
export function showImage(source: PullSource): string {
  return source.name.includes(':') ? `${source.host}/${source.repository}` : showSource(source);
}

/** `registry.example.com/team/app:1.0`. */
export function showSource({ host, repository, name }: PullSource): string {
  return `${host}/${repository}${name.includes(':') ? '@' : ':'}${name}`;
}
