/** How the indexer stores what grows with manifests. */
import { z } from 'zod';
import { duration, filePath, HOUR, optionalUrl, secret } from '../lib/setting-values.ts';

const s3 = z
  .strictObject({
    bucket: z
      .string()
      .regex(/^[a-z0-9A-Z][a-zA-Z0-9._-]{1,62}$/, 'the name of a bucket')
      .describe('Bucket. It must exist; the service reads, writes and deletes objects in it.'),
    prefix: z
      .string()
      .regex(/^([A-Za-z0-9._-]{1,100}(\/[A-Za-z0-9._-]{1,100}){0,9})?$/, 'a path such as team/clair')
      .default('')
      .describe('Prefix of the keys of all objects, such as `clair`. Two installations need two prefixes.'),
    endpoint: optionalUrl('http', 'https')
      .default('')
      .describe('URL of a server that is not AWS, such as `https://minio.example.com`.'),
    region: z.string().min(1).default('us-east-1').describe('Region.'),
    path_style: z
      .boolean()
      .default(false)
      .describe(
        'Name the bucket in the path of requests, not in the host. Most servers outside of AWS need it.',
      ),
    access_key: secret
      .optional()
      .describe(
        'Access key ID. Absent: the credentials of the AWS environment (variables, service account, instance).',
      ),
    secret_key: secret.optional().describe('Its secret access key.'),
    root_ca: filePath
      .optional()
      .describe('PEM file of certificates that are trusted in addition to those of the system.'),
  })
  .superRefine(({ access_key, secret_key }, context) => {
    if ((access_key === undefined) !== (secret_key === undefined))
      context.addIssue({
        code: 'custom',
        path: [access_key === undefined ? 'access_key' : 'secret_key'],
        message: 'access_key and secret_key together',
      });
  });

export const storeSchema = z
  .strictObject({
    documents: z
      .strictObject({
        s3: s3.describe('An object store with the API of S3.'),
        keep_in: z
          .enum(['s3', 'database'])
          .default('s3')
          .describe(
            'Where documents are kept; those in the other place are read, and moved in the background. `database` is the way back.',
          ),
        grace: duration
          .refine((milliseconds) => milliseconds >= HOUR, 'at least 1h')
          .default(7 * 24 * HOUR)
          .describe(
            'Time after which an object that no row of the database refers to is deleted (default 168h). Longer than the age of the oldest database backup that must be restorable.',
          ),
      })
      .nullish()
      .describe('Index reports and detections of layers. Absent: in the database.'),
    compact: z
      .boolean()
      .default(false)
      .describe(
        'Store what manifests share once (docs/explanation/scale.md). Rows in the other form are read, and replaced in the background. Turn it on only after all replicas run a release that knows it: an older one does not see such manifests.',
      ),
  })
  .nullish()
  .describe(
    'How the indexer stores large numbers of manifests (docs/explanation/scale.md). Configure it on all replicas, after all of them run a release that knows it. Not in Clair.',
  );
