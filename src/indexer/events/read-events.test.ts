import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { AppError } from '../../errors.ts';
import { Secret } from '../../lib/secret.ts';
import { hasSecret } from './authenticate-registry.ts';
import type { RegistryEvent } from './event.ts';
import { readEvents } from './read-events.ts';

const D = `sha256:${'a'.repeat(64)}`;
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const PATH = { artifactoryAccess: 'path' } as const;

const read = (
  body: unknown,
  headers: Record<string, string> = {},
  settings: { artifactoryAccess: 'path' | 'host' } = PATH,
) => readEvents(Buffer.from(JSON.stringify(body)), headers, settings);

const distribution = (action: string, target: object) => ({
  events: [
    {
      id: '1',
      action,
      target,
      request: { host: 'registry.example.com', method: 'PUT' },
      actor: { name: 'me' },
    },
  ],
});
const harbor = (type: string, resource: object) => ({
  type,
  occur_at: 1,
  operator: 'admin',
  event_data: {
    resources: [{ ...resource, resource_url: 'harbor.example.com/team/app:1.0' }],
    repository: { name: 'app', namespace: 'team', repo_full_name: 'team/app', repo_type: 'private' },
  },
});
const artifactory = (event: string, more: object = {}) => ({
  domain: 'docker',
  event_type: event,
  data: {
    repo_key: 'docker-local',
    image_name: 'team/app',
    tag: '1.0',
    name: 'manifest.json',
    sha256: 'a'.repeat(64),
    ...more,
  },
  subscription_key: 'x',
});
const cloud = (type: string, data: object) => ({ specversion: '1.0', id: '1', source: '/x', type, data });

describe('events of registries', () => {
  const app = { repository: 'team/app' };
  const cases: [
    what: string,
    body: unknown,
    format: string,
    events: RegistryEvent[],
    settings?: { artifactoryAccess: 'host' },
  ][] = [
    [
      'a push to Distribution',
      distribution('push', { mediaType: MANIFEST, digest: D, ...app, tag: '1.0' }),
      'distribution',
      [{ action: 'push', ...app, digest: D, tag: '1.0' }],
    ],
    [
      'an index pushed by its digest',
      distribution('push', {
        mediaType: 'application/vnd.docker.distribution.manifest.list.v2+json',
        digest: D,
        ...app,
      }),
      'distribution',
      [{ action: 'push', ...app, digest: D }],
    ],
    [
      'a layer',
      distribution('push', { mediaType: 'application/octet-stream', digest: D, ...app }),
      'distribution',
      [],
    ],
    ['a pull', distribution('pull', { mediaType: MANIFEST, digest: D, ...app }), 'distribution', []],
    [
      'a deletion',
      distribution('delete', { digest: D, ...app }),
      'distribution',
      [{ action: 'delete', ...app, digest: D }],
    ],
    [
      'a tag that is deleted, of an image that may have others',
      distribution('delete', { digest: D, ...app, tag: '1.0' }),
      'distribution',
      [{ action: 'delete', ...app, tag: '1.0' }],
    ],
    [
      'a repository that is deleted',
      distribution('delete', { ...app }),
      'distribution',
      [{ action: 'delete', ...app }],
    ],
    [
      'a repository that GitLab renames',
      distribution('rename', { ...app, rename: { type: 'name', from: 'team/app', to: 'team/web' } }),
      'distribution',
      [{ action: 'rename', ...app, to: 'team/web' }],
    ],
    ['a layer that is mounted', distribution('mount', { ...app, fromRepository: 'a' }), 'distribution', []],
    ['no event', { events: [] }, 'distribution', []],
    [
      'a push to Azure',
      { action: 'push', target: { mediaType: MANIFEST, digest: D, ...app, tag: '1.0' } },
      'acr',
      [{ action: 'push', ...app, digest: D, tag: '1.0' }],
    ],
    [
      'a push to Harbor',
      harbor('PUSH_ARTIFACT', { digest: D, tag: '1.0' }),
      'harbor',
      [{ action: 'push', ...app, digest: D, tag: '1.0' }],
    ],
    [
      'a deletion in Harbor',
      harbor('DELETE_ARTIFACT', { digest: D, tag: '1.0' }),
      'harbor',
      [{ action: 'delete', ...app, digest: D }],
    ],
    [
      'a push to Harbor without a tag',
      harbor('PUSH_ARTIFACT', { digest: D, tag: D }),
      'harbor',
      [{ action: 'push', ...app, digest: D }],
    ],
    ['a scan of Harbor', harbor('SCANNING_COMPLETED', { digest: D }), 'harbor', []],
    [
      'a replication of Harbor',
      {
        ...harbor('REPLICATION', {}),
        event_data: { replication: { harbor_hostname: 'harbor.example.com', job_status: 'Success' } },
      },
      'harbor',
      [],
    ],
    [
      'a retention of Harbor',
      { ...harbor('TAG_RETENTION', {}), event_data: { retention: { total: 2, retained: 1 } } },
      'harbor',
      [],
    ],
    [
      'a push to Quay',
      {
        name: 'app',
        namespace: 'team',
        ...app,
        docker_url: 'quay.io/team/app',
        homepage: 'https://quay.io/team/app',
        updated_tags: ['1.0', '2.0'],
      },
      'quay',
      [
        { action: 'push', ...app, tag: '1.0' },
        { action: 'push', ...app, tag: '2.0' },
      ],
    ],
    [
      'a push to Artifactory',
      artifactory('pushed'),
      'artifactory',
      [{ action: 'push', repository: 'docker-local/team/app', digest: D, tag: '1.0' }],
    ],
    [
      'the same by host',
      artifactory('pushed'),
      'artifactory',
      [{ action: 'push', ...app, digest: D, tag: '1.0' }],
      { artifactoryAccess: 'host' },
    ],
    [
      'a promotion without a digest',
      artifactory('promoted', { name: 'layer', sha256: 'b'.repeat(64) }),
      'artifactory',
      [{ action: 'push', repository: 'docker-local/team/app', tag: '1.0' }],
    ],
    [
      'a tag that Artifactory deletes',
      artifactory('deleted'),
      'artifactory',
      [{ action: 'delete', repository: 'docker-local/team/app', tag: '1.0' }],
    ],
    [
      'a tag of zot that is deleted',
      cloud('zotregistry.image.deleted', { name: 'team/app', reference: '1.0', digest: D }),
      'cloudevents',
      [{ action: 'delete', ...app, tag: '1.0' }],
    ],
    [
      'a CloudEvent of Harbor',
      cloud('harbor.artifact.pushed', harbor('', { digest: D, tag: '1.0' }).event_data),
      'cloudevents',
      [{ action: 'push', ...app, digest: D, tag: '1.0' }],
    ],
    [
      'one of zot',
      cloud('zotregistry.image.updated', {
        name: 'team/app',
        reference: '1.0',
        digest: D,
        mediaType: MANIFEST,
      }),
      'cloudevents',
      [{ action: 'push', ...app, digest: D, tag: '1.0' }],
    ],
    [
      'a deletion of zot',
      cloud('zotregistry.image.deleted', { name: 'team/app', reference: D, digest: D }),
      'cloudevents',
      [{ action: 'delete', ...app, digest: D }],
    ],
    [
      'one of Azure',
      cloud('Microsoft.ContainerRegistry.ImagePushed', {
        action: 'push',
        target: { mediaType: MANIFEST, digest: D, ...app, tag: '1.0' },
      }),
      'cloudevents',
      [{ action: 'push', ...app, digest: D, tag: '1.0' }],
    ],
    [
      'an artifact of CDEvents',
      cloud('dev.cdevents.artifact.published.0.2.0', {
        context: {},
        subject: {
          id: `pkg:oci/app@${encodeURIComponent(D)}?repository_url=registry.example.com/team/app&tag=1.0`,
        },
      }),
      'cloudevents',
      [{ action: 'push', ...app, digest: D, tag: '1.0' }],
    ],
    [
      'the same with the directory only',
      cloud('dev.cdevents.artifact.published.0.2.0', {
        subject: { id: `pkg:oci/app@${D}?repository_url=registry.example.com/team` },
      }),
      'cloudevents',
      [{ action: 'push', ...app, digest: D }],
    ],
    ['a CloudEvent of something else', cloud('com.example.door.opened', {}), 'cloudevents', []],
    [
      'a batch of CloudEvents',
      [
        cloud('zotregistry.image.updated', { name: 'a', reference: '1' }),
        cloud('zotregistry.image.updated', { name: 'b', reference: '2' }),
      ],
      'cloudevents',
      [
        { action: 'push', repository: 'a', tag: '1' },
        { action: 'push', repository: 'b', tag: '2' },
      ],
    ],
  ];
  for (const [what, body, format, events, settings] of cases) {
    it(`reads ${what}`, () => assert.deepEqual(read(body, {}, settings), { format, events }));
  }

  it('reads a CloudEvent whose attributes are header fields', () => {
    const headers = { 'ce-specversion': '1.0', 'ce-type': 'zotregistry.image.updated' };
    assert.deepEqual(read({ name: 'a', reference: '1' }, headers).events, [
      { action: 'push', repository: 'a', tag: '1' },
    ]);
  });

  const refused: [what: string, body: unknown, message: RegExp][] = [
    ['another body', { hello: 'world' }, /not in a known format \(distribution, /],
    ['a number', 7, /not an object/],
    [
      'a repository that is none',
      distribution('push', { repository: '../x', digest: D }),
      /repository "\.\.\/x" is not valid/,
    ],
    [
      'a digest that is none',
      distribution('push', { ...app, digest: 'sha256:7' }),
      /digest "sha256:7" is not valid/,
    ],
    [
      'a new name that is none',
      distribution('rename', { ...app, rename: { from: 'team/app', to: 'Team' } }),
      /repository "Team" is not valid/,
    ],
    ['a tag that is none', distribution('push', { ...app, tag: 'a b' }), /tag "a b" is not valid/],
    [
      'too many events',
      { events: Array.from({ length: 1001 }, () => ({ action: 'push', target: app })) },
      /not in a known format/,
    ],
    ['too many in a batch', Array.from({ length: 1001 }, () => cloud('x', {})), /over 1000 events/],
    [
      'a CloudEvent of Harbor without its data',
      cloud('harbor.artifact.pushed', {}),
      /not as events of cloudevents are/,
    ],
  ];
  for (const [what, body, message] of refused) {
    it(`refuses ${what}`, () => assert.throws(() => read(body), { code: 'bad-request', message }));
  }

  it('of any shape are read or refused', () => {
    const bodies = cases.map(([, body]) => body);
    fc.assert(
      fc.property(
        fc.constantFrom(...bodies),
        fc.func(fc.nat(40)),
        fc.jsonValue({ maxDepth: 3 }),
        (body, pick, put) => {
          // One member somewhere is another value.
          let at = 0;
          const spoiled = JSON.parse(JSON.stringify(body), (key, value) =>
            pick(key, at++) === 0 ? put : value,
          ) as unknown;
          try {
            for (const { repository } of read(spoiled).events)
              assert.match(repository, /^[a-z0-9][a-z0-9._/-]*$/);
          } catch (error) {
            assert.ok(error instanceof AppError, String(error));
            assert.equal(error.code, 'bad-request');
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('the secret of events', () => {
  const secret = new Secret('a secret of the registry');
  const basic = (pair: string) => ({ authorization: `Basic ${Buffer.from(pair).toString('base64')}` });
  const cases: [what: string, headers: Record<string, string>, wanted: boolean][] = [
    ['as a bearer token', { authorization: 'Bearer a secret of the registry' }, true],
    ['alone, as Harbor sends it', { authorization: 'a secret of the registry' }, true],
    ['as a password', basic('clair:a secret of the registry'), true],
    ["in GitLab's header", { 'x-gitlab-token': 'a secret of the registry' }, true],
    ["in Artifactory's header", { 'x-jfrog-event-auth': 'a secret of the registry' }, true],
    ['as a user', basic('a secret of the registry:x'), false],
    ['not at all', {}, false],
    ['with a letter more', { authorization: 'Bearer a secret of the registryx' }, false],
    ['empty', { authorization: '', 'x-gitlab-token': '' }, false],
  ];
  for (const [what, headers, wanted] of cases) {
    it(`${what}: ${wanted ? 'accepted' : 'refused'}`, () => assert.equal(hasSecret(headers, secret), wanted));
  }
});
