/** Where vulnerability reports come from: the matcher of this process, or one behind HTTP. */
import type { Digest } from '../model/digest.ts';

export interface ReportSource {
  /** The JSON of the report; `later`: a feed that it needs is being loaded; undefined: the manifest is not indexed. */
  report(digest: Digest): Promise<Buffer | 'later' | undefined>;
  /** When a feed last had something new or nothing new to say; undefined: none ever was asked to the end. */
  updatedAt(): Promise<Date | undefined>;
}
