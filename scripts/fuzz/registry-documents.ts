/** What registries send: their events, and Harbor's scan requests. */
import { readScanRequest } from '../../src/harbor/scan-request.ts';
import { readEvents } from '../../src/indexer/events/read-events.ts';
import { showSource } from '../../src/indexer/pulls/pull.ts';
import type { FuzzedDocument } from './document.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const TARGET = {
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  digest: DIGEST,
  repository: 'team/app',
  tag: '1.0',
};
const DATA = {
  resources: [{ digest: DIGEST, tag: '1.0', resource_url: 'harbor.example.com/team/app:1.0' }],
  repository: { repo_full_name: 'team/app' },
};

const EVENTS = [
  {
    events: [
      { action: 'push', target: TARGET },
      { action: 'delete', target: { digest: DIGEST, repository: 'a' } },
    ],
  },
  { action: 'push', target: TARGET },
  { type: 'PUSH_ARTIFACT', event_data: DATA },
  { repository: 'team/app', docker_url: 'quay.io/team/app', updated_tags: ['1', '2'] },
  {
    domain: 'docker',
    event_type: 'pushed',
    data: { repo_key: 'local', image_name: 'app', tag: '1', sha256: 'a'.repeat(64), name: 'manifest.json' },
  },
  { specversion: '1.0', type: 'harbor.artifact.deleted', data: DATA },
  {
    specversion: '1.0',
    type: 'zotregistry.image.updated',
    data: { name: 'a/b', reference: '1', digest: DIGEST },
  },
  {
    specversion: '1.0',
    type: 'dev.cdevents.artifact.published.0.2.0',
    data: { subject: { id: `pkg:oci/app@${DIGEST}?repository_url=r.example.com/team&tag=1` } },
  },
];

const SCAN = {
  registry: { url: 'https://harbor.example.com', authorization: 'Basic cm9ib3Q6c2VjcmV0' },
  artifact: { repository: 'team/app', digest: DIGEST, tag: '1.0', mime_type: TARGET.mediaType },
  enabled_capabilities: [{ type: 'vulnerability', produces_mime_types: null, parameters: null }],
};

const seedsOf = (values: readonly unknown[]): Buffer[] =>
  values.map((value) => Buffer.from(JSON.stringify(value)));

export const REGISTRY_DOCUMENTS: Readonly<Record<string, FuzzedDocument>> = {
  'registry-events': {
    seeds: () => seedsOf([...EVENTS, EVENTS.slice(-3)]),
    read(bytes) {
      const { events } = readEvents(bytes, {}, { artifactoryAccess: 'path' });
      return { records: events.length, problems: 0 };
    },
  },
  'harbor-scan': {
    seeds: () => seedsOf([SCAN]),
    read(bytes) {
      const { source } = readScanRequest(bytes);
      // What it takes is the image of one host.
      const [host] = showSource(source).split('/');
      if (new URL(`https://${host}/`).host === '') throw new TypeError(`no host: ${showSource(source)}`);
      return { records: 1, problems: 0 };
    },
  },
};
