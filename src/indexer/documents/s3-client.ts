/** The client of S3: a module of its own, so that it is loaded where it is configured, and nowhere else. */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { S3Client } from '@aws-sdk/client-s3';
import { trustedCertificates } from '../../lib/trusted-certificates.ts';
import type { S3Settings } from './s3-settings.ts';

export { DeleteObjectCommand, GetObjectCommand, NoSuchKey, PutObjectCommand } from '@aws-sdk/client-s3';

/** ms to connect, and without an answer. */
const TIMES = { connect: 3_000, silence: 10_000 };
const ATTEMPTS = 3;
const SOCKETS = 32;

export function openClient(settings: S3Settings): S3Client {
  const { endpoint, region, path_style, access_key: id, secret_key: key, root_ca } = settings;
  const agent = { keepAlive: true, maxSockets: SOCKETS, proxyEnv: process.env };
  const ca = trustedCertificates(root_ca === undefined ? [] : [root_ca]);
  return new S3Client({
    region,
    forcePathStyle: path_style,
    ...(endpoint !== undefined && { endpoint }),
    ...(id &&
      key && {
        credentials: () => Promise.resolve({ accessKeyId: id.reveal(), secretAccessKey: key.reveal() }),
      }),
    // Texts are verified by their digests; many servers know no checksums of others.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: ATTEMPTS,
    requestHandler: {
      connectionTimeout: TIMES.connect,
      requestTimeout: TIMES.silence,
      throwOnRequestTimeout: true,
      httpAgent: new HttpAgent(agent),
      httpsAgent: new HttpsAgent({ ...agent, ...(ca && { ca }), minVersion: 'TLSv1.2' }),
    },
  });
}
