/** The formats of events, one reader each; docs/how-to/connect-a-registry.md has a table of them. */
import { z } from 'zod';
import { type EventFormat, MAX_EVENTS, type RegistryEvent } from './event.ts';

const text = z.string().max(1000);
/** Of an index or image: an artifact of another kind is none, and neither is a layer. */
const MANIFESTS =
  /^application\/vnd\.(?:oci\.image\.(?:manifest|index)|docker\.distribution\.manifest(?:\.list)?)\.v\d\+json$/;

function list<T extends z.ZodType>(of: T) {
  return z.array(of).max(MAX_EVENTS);
}

const Target = z.object({
  mediaType: text.nullish(),
  digest: text.nullish(),
  repository: text,
  tag: text.nullish(),
  rename: z.object({ from: text, to: text }).nullish(),
});
const Envelope = z.object({
  events: list(z.object({ action: text, target: Target.optional().catch(undefined) })),
});

/** Distribution (`registry:2`, `registry:3`), and what is built on it, as GitLab's registry, which also renames repositories. */
const distribution: EventFormat = {
  name: 'distribution',
  read(body) {
    const read = Envelope.safeParse(body);
    return read.success
      ? read.data.events.flatMap(({ action, target }) => ofTarget(action, target))
      : undefined;
  },
};

function ofTarget(action: string, target: z.infer<typeof Target> | undefined): RegistryEvent[] {
  if (target === undefined) return [];
  const { mediaType, digest, repository, tag, rename } = target;
  switch (action.toLowerCase()) {
    case 'push':
      return mediaType && !MANIFESTS.test(mediaType)
        ? []
        : [{ action: 'push', repository, ...named(digest, tag) }];
    case 'delete':
      // No type is told: a layer that is deleted is no known image.
      return [{ action: 'delete', repository, ...deleted(digest, tag) }];
    case 'rename':
      return rename ? [{ action: 'rename', repository: rename.from, to: rename.to }] : [];
    default:
      return [];
  }
}

/** A tag that is deleted leaves the other tags of its image. */
function deleted(
  digest: string | null | undefined,
  tag: string | null | undefined,
): Pick<RegistryEvent, 'digest' | 'tag'> {
  return tag ? { tag } : named(digest, undefined);
}

const HarborData = z.object({
  resources: list(z.object({ digest: text.nullish(), tag: text.nullish() })).nullish(),
  repository: z.object({ repo_full_name: text }),
});
const HarborEvent = z.object({
  type: text,
  event_data: z.record(z.string(), z.unknown()),
});
const HARBOR: Readonly<Record<string, RegistryEvent['action']>> = {
  PUSH_ARTIFACT: 'push',
  'harbor.artifact.pushed': 'push',
  DELETE_ARTIFACT: 'delete',
  'harbor.artifact.deleted': 'delete',
};

/** Harbor's webhooks with payload format "Default". */
const harbor: EventFormat = {
  name: 'harbor',
  read(body) {
    const read = HarborEvent.safeParse(body);
    return read.success ? ofHarbor(read.data.type, read.data.event_data) : undefined;
  },
};

/** Events of other types, as of a replication or a retention, are about no repository. */
function ofHarbor(type: string, data: unknown): RegistryEvent[] {
  const action = Object.hasOwn(HARBOR, type) ? HARBOR[type] : undefined;
  if (action === undefined) return [];
  const { resources, repository } = HarborData.parse(data);
  return (resources ?? []).map(({ digest, tag }) => ({
    action,
    repository: repository.repo_full_name,
    // The tag of an artifact without one is its digest. One that is deleted loses all of its tags.
    ...named(digest, tag === digest || (action === 'delete' && digest) ? undefined : tag),
  }));
}

const Quay = z.object({ repository: text, docker_url: text, updated_tags: list(text) });

/** Quay's notification "Push to repository". */
const quay: EventFormat = {
  name: 'quay',
  read(body) {
    const read = Quay.safeParse(body);
    if (!read.success) return undefined;
    const { repository, updated_tags: tags } = read.data;
    return tags.map((tag) => ({ action: 'push', repository, ...named(undefined, tag) }));
  },
};

const Artifactory = z.object({
  domain: z.literal('docker'),
  event_type: text,
  data: z.object({
    repo_key: text,
    image_name: text,
    tag: text.nullish(),
    sha256: text.nullish(),
    name: text.nullish(),
  }),
});
const ARTIFACTORY: Readonly<Record<string, RegistryEvent['action']>> = {
  pushed: 'push',
  promoted: 'push',
  deleted: 'delete',
};

/** Artifactory's webhooks of the domain "docker". */
const artifactory: EventFormat = {
  name: 'artifactory',
  read(body, { artifactoryAccess }) {
    const read = Artifactory.safeParse(body);
    if (!read.success) return undefined;
    const { event_type: type, data } = read.data;
    const action = ARTIFACTORY[type];
    if (action === undefined) return [];
    const repository = artifactoryAccess === 'path' ? `${data.repo_key}/${data.image_name}` : data.image_name;
    const isManifest = data.name == null || /^(?:list\.)?manifest\.json$/.test(data.name);
    const digest = isManifest && data.sha256 ? `sha256:${data.sha256}` : undefined;
    return [{ action, repository, ...(action === 'delete' ? deleted : named)(digest, data.tag) }];
  },
};

const CloudEvent = z.object({ specversion: text, type: text, data: z.record(z.string(), z.unknown()) });
const Zot = z.object({ name: text, reference: text.nullish(), digest: text.nullish() });
const AzureData = z.object({ action: text, target: Target });

/** CloudEvents 1.0, in structured mode: of Harbor, zot, Azure's registry, and artifacts of CDEvents. */
const cloudEvents: EventFormat = {
  name: 'cloudevents',
  read(body) {
    const read = CloudEvent.safeParse(body);
    if (!read.success) return undefined;
    const { type, data } = read.data;
    if (Object.hasOwn(HARBOR, type)) return ofHarbor(type, data);
    const zot = /^zotregistry\.image\.(updated|deleted)$/.exec(type)?.[1];
    if (zot !== undefined) {
      const { name, reference, digest } = Zot.parse(data);
      const tag = reference?.includes(':') ? undefined : reference;
      return zot === 'updated'
        ? [{ action: 'push', repository: name, ...named(digest, tag) }]
        : [{ action: 'delete', repository: name, ...deleted(digest, tag) }];
    }
    if (/^Microsoft\.ContainerRegistry\.Image(?:Pushed|Deleted)$/.test(type)) {
      const { action, target } = AzureData.parse(data);
      return ofTarget(action, target);
    }
    if (/^dev\.cdevents\.artifact\.(?:published|packaged|deleted)\./.test(type))
      return ofCdEvent(type.includes('.deleted.') ? 'delete' : 'push', CdEvent.parse(data));
    return [];
  },
};

const CdEvent = z.object({ subject: z.object({ id: text }) });

/** purl-spec, type `oci`: `pkg:oci/app@sha256:…?repository_url=registry.example.com/team/app&tag=1.0`. */
function ofCdEvent(action: RegistryEvent['action'], { subject }: z.infer<typeof CdEvent>): RegistryEvent[] {
  const [, name = '', version, query = ''] =
    /^pkg:oci\/([^@?#]+)(?:@([^?#]+))?(?:\?([^#]*))?/.exec(subject.id) ?? [];
  if (name === '') return [];
  const qualifiers = new URLSearchParams(query);
  const [, path = ''] = /^[^/]+\/(.+)$/.exec(qualifiers.get('repository_url') ?? '') ?? [];
  // Without the name at its end, it is the directory of the repository.
  const repository = path.split('/').at(-1) === name ? path : [path, name].filter(Boolean).join('/');
  const digest = version === undefined ? undefined : decoded(version);
  return [{ action, repository, ...(action === 'delete' ? deleted : named)(digest, qualifiers.get('tag')) }];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function named(
  digest: string | null | undefined,
  tag: string | null | undefined,
): Pick<RegistryEvent, 'digest' | 'tag'> {
  return { ...(digest && { digest }), ...(tag && { tag }) };
}

/** Azure's webhooks: an event of Distribution without its envelope. */
const bareTarget: EventFormat = {
  name: 'acr',
  read(body) {
    const read = AzureData.safeParse(body);
    return read.success ? ofTarget(read.data.action, read.data.target) : undefined;
  },
};

/** The first that reads a body is its format. */
export const EVENT_FORMATS: readonly EventFormat[] = [
  distribution,
  bareTarget,
  harbor,
  quay,
  artifactory,
  cloudEvents,
];
