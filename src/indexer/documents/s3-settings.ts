/** Which bucket, and how it is reached. */
import type { Secret } from '../../lib/secret.ts';

export interface S3Settings {
  readonly bucket: string;
  /** Of the keys of all objects: '' or `team/clair`. */
  readonly prefix: string;
  /** undefined: AWS. */
  readonly endpoint?: string | undefined;
  readonly region: string;
  /** The bucket is in the path, and not in the host name. */
  readonly path_style: boolean;
  /** undefined: what the AWS SDK finds in the environment, or of the machine or service account. */
  readonly access_key?: Secret | undefined;
  readonly secret_key?: Secret | undefined;
  /** PEM text of certificates that are trusted in addition. */
  readonly root_ca?: string | undefined;
}
