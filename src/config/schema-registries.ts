/** Registries whose images Clair fetches itself: their events and catalogs, and Harbor's scanner API. */
import { z } from 'zod';
import { duration, filePath, HOUR, MINUTE, optionalUrl, secret } from '../lib/setting-values.ts';

const HOST = /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?$|^\[[0-9A-Fa-f:.]+\](?::\d{1,5})?$/;
const PATTERN = /^[a-z0-9._/*-]{1,255}$/;

const registry = z.strictObject({
  host: z
    .string()
    .refine((text) => HOST.test(text), 'a host as in the name of an image, such as registry.example.com:5000')
    .describe(
      'Host, and port if it is not 443, as in image names. Also the last part of the URL of its events.',
    ),
  username: z.string().optional().describe('User name.'),
  password: secret.optional().describe('Password or token of the user.'),
  plain_http: z.boolean().default(false).describe('Use HTTP without TLS.'),
  insecure: z.boolean().default(false).describe('Do not verify certificates.'),
  ca_cert: filePath.optional().describe('PEM file of certificates that are trusted for it.'),
  repositories: z
    .array(
      z
        .string()
        .refine((text) => PATTERN.test(text), 'a repository such as team/app, or a pattern such as team/*'),
    )
    .min(1)
    .default(['*'])
    .describe(
      'Repositories to index; `*` matches any characters. Without `*`, the catalog of the registry is not needed.',
    ),
  platforms: z
    .array(z.string().regex(/^[a-z0-9]+\/[a-z0-9_]+(\/[a-z0-9.]+)?$/, 'os/architecture, such as linux/amd64'))
    .default([])
    .describe('Platforms of a multi-platform image to index; empty: all.'),
  walk_interval: duration
    .refine((milliseconds) => milliseconds === 0 || milliseconds >= MINUTE, 'at least 1m, or 0s')
    .default(0)
    .describe('Interval of walks through all tags of the registry, such as 24h; 0s or absent: none.'),
  forget_deleted: z
    .boolean()
    .default(false)
    .describe(
      'Delete the index report of an image that the registry deleted, if no other known name refers to it. Only images indexed by events and walks.',
    ),
  artifactory_access: z
    .enum(['path', 'host'])
    .default('path')
    .describe(
      'Artifactory: whether image names contain the repository key (`path`), or it is part of the host (`host`).',
    ),
});

export const registriesSchema = z
  .array(registry)
  .superRefine((list, context) => {
    for (const [index, { host, username, password }] of list.entries()) {
      if (list.findIndex((other) => other.host === host) !== index)
        context.addIssue({ code: 'custom', path: [index, 'host'], message: 'each registry once' });
      if ((username === undefined) !== (password === undefined))
        context.addIssue({
          code: 'custom',
          path: [index, username === undefined ? 'username' : 'password'],
          message: 'username and password together',
        });
    }
  })
  .default([])
  .describe('Registries whose images are indexed by their events and by walks. Not in Clair.');

export const eventsSchema = z
  .strictObject({
    secret: secret.describe('Secret that registries send; at least 16 characters.'),
  })
  .refine(({ secret: given }) => given.reveal().length >= 16, {
    path: ['secret'],
    message: 'at least 16 characters: e.g. what `openssl rand -hex 32` prints',
  })
  .nullish()
  .describe('Receive events of registries at `/indexer/api/v1/events/HOST`. Absent: no. Not in Clair.');

export const harborSchema = z
  .strictObject({
    enabled: z
      .boolean()
      .default(false)
      .describe('Serve the API at `/indexer/harbor/api/v1/`, in modes indexer and combo.'),
    username: z.string().min(1).default('harbor').describe('User name of basic authentication.'),
    password: secret.optional().describe('Password of basic authentication.'),
    token: secret.optional().describe('Token of bearer authentication.'),
    matcher_addr: optionalUrl('http', 'https')
      .default('')
      .describe('URL of the matcher. Required in mode indexer.'),
    retention: duration
      .refine((milliseconds) => milliseconds >= 10 * MINUTE, 'at least 10m')
      .default(24 * HOUR)
      .describe('Time for which the report of a scan can be requested (default 24h).'),
    report_not_checked: z
      .boolean()
      .default(true)
      .describe(
        'Show in reports what was not checked, as items with ID `CLAIR-NOT-CHECKED` and severity Unknown: Harbor has no other place for it.',
      ),
  })
  .superRefine((harbor, context) => {
    for (const name of ['password', 'token'] as const) {
      const given = harbor[name]?.reveal();
      if (given !== undefined && given.length < 16)
        context.addIssue({ code: 'custom', path: [name], message: 'at least 16 characters' });
    }
    if (harbor.enabled && harbor.password === undefined && harbor.token === undefined)
      context.addIssue({
        code: 'custom',
        path: ['password'],
        message: 'password or token: who can submit scans chooses what Clair fetches',
      });
  })
  .prefault({})
  .describe("Harbor's pluggable scanner API. Not in Clair.");
