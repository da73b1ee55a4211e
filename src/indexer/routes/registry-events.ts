/** `events/{registry}`: a registry tells what was pushed and deleted. Not Clair's: docs/how-to/connect-a-registry.md. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { AppError } from '../../errors.ts';
import { operation } from '../../http/operation.ts';
import { serve } from '../../http/serve.ts';
import type { Secret } from '../../lib/secret.ts';
import { RegistryEventsAnswer, RegistryEventsBody } from '../../model/api/registry-events.ts';
import { parseDigest } from '../../model/digest.ts';
import { hasSecret, hasSignature, isSigned } from '../events/authenticate-registry.ts';
import type { RegistryEvent } from '../events/event.ts';
import { readEvents } from '../events/read-events.ts';
import type { ForgetImages } from '../pulls/forget-images.ts';
import type { WhichNames } from '../pulls/images-store.ts';
import { showSource } from '../pulls/pull.ts';
import type { Pulls } from '../pulls/pulls.ts';
import { type ConfiguredRegistry, fitsRepository } from '../pulls/registry-access.ts';
import type { RenameRepository } from '../pulls/rename-repository.ts';

const PREFIX = '/indexer/api/v1/events/';
/** Bytes: a thousand events with all that registries say in them. */
const MAX_BODY = 4 * 1024 * 1024;

export const REGISTRY_EVENTS = operation({
  method: 'POST',
  path: `${PREFIX}{registry}`,
  tag: 'indexer',
  id: 'registryEvents',
  summary: 'Events of a registry: pushed images are indexed. Not in Clair.',
  description:
    'Formats: Distribution (also GitLab and Azure), Harbor, Quay, Artifactory, CloudEvents (Harbor, zot, Azure, CDEvents). Authenticated by `indexer.events.secret`, not by `auth`.',
  params: { registry: z.string().meta({ description: 'Host of `indexer.registries`.' }) },
  body: { schema: RegistryEventsBody },
  answers: { 202: { description: 'What was made of the events.', schema: RegistryEventsAnswer } },
  errors: {
    'bad-request': 'The body is in no known format; the message says where.',
    'not-found': 'No such registry is configured.',
    'too-many-requests':
      'As many images as may be wait to be indexed. Send again after the time in Retry-After.',
  },
});

/** Whether a request is authenticated here, and not by `auth`. */
export function isRegistryEvent(url: string): boolean {
  return url.startsWith(PREFIX);
}

export interface RegistryEventsParts {
  readonly registries: readonly ConfiguredRegistry[];
  readonly secret: Secret;
  readonly pulls: Pick<Pulls, 'add'>;
  readonly forget: ForgetImages;
  readonly rename: RenameRepository;
}

/** `POST events/HOST`: queues what was pushed, and forgets what was deleted. */
export function registryEventRoutes(app: FastifyInstance, parts: RegistryEventsParts): void {
  void app.register(async (scope) => {
    // A signature is verified with the body: it is read before the sender is known.
    scope.addHook('onRoute', (route) => {
      route.bodyLimit = MAX_BODY;
    });
    // Before the body is read. Only who may go on calls `done`.
    scope.addHook('onRequest', (request, reply, done) => {
      if (hasSecret(request.headers, parts.secret) || hasSignature(request.headers)) return done();
      refuse(reply);
    });
    scope.addHook('preHandler', (request, reply, done) => {
      const { headers, body } = request;
      const isKnown =
        hasSecret(headers, parts.secret) || (Buffer.isBuffer(body) && isSigned(headers, body, parts.secret));
      if (isKnown) return done();
      refuse(reply);
    });
    serve(scope, REGISTRY_EVENTS, async (request, reply, { params, type }) => {
      const registry = parts.registries.find(({ host }) => host === params.registry);
      if (registry === undefined) {
        const known = parts.registries.map(({ host }) => host).join(', ') || 'none';
        throw new AppError(
          'not-found',
          `registry ${JSON.stringify(params.registry)} is not configured. Configured: ${known}`,
        );
      }
      const body = request.body;
      if (Buffer.isBuffer(body) && body.length > MAX_BODY)
        throw new AppError('too-large', `body: more than ${MAX_BODY} bytes`);
      const { format, events } = readEvents(body, request.headers, {
        artifactoryAccess: registry.artifactory_access,
      });
      const answer = await react(events, registry, parts);
      return reply
        .code(202)
        .type(type)
        .send(JSON.stringify({ format, ...answer }));
    });
  });
}

function refuse(reply: FastifyReply): void {
  reply.code(401).header('www-authenticate', 'Bearer').send();
}

async function react(
  events: readonly RegistryEvent[],
  registry: ConfiguredRegistry,
  { pulls, forget, rename }: RegistryEventsParts,
): Promise<Omit<z.infer<typeof RegistryEventsAnswer>, 'format'>> {
  let [queued, deleted, renamed] = [0, 0, 0];
  const ignored: { image: string; reason: string }[] = [];
  for (const { action, repository, digest, tag, to } of events) {
    // A tag may be another image by the time that it is fetched: the newest is wanted.
    const name = tag ?? digest;
    const source = { host: registry.host, repository, name: name ?? '' };
    const ignore = (reason: string): number => ignored.push({ image: showSource(source), reason });
    if (name === undefined && action === 'push') ignore('the event names no tag and no digest');
    else if (!fitsRepository(repository, registry.repositories))
      ignore('the repository does not match indexer.registries[].repositories');
    else if (action === 'push') {
      await pulls.add({ key: showSource(source), source });
      queued++;
    } else if (to !== undefined) {
      if (fitsRepository(to, registry.repositories)) renamed += await rename(registry.host, repository, to);
      else ignore('the new name does not match indexer.registries[].repositories');
    } else {
      await forget(registry, repository, whichOf(digest, tag));
      deleted++;
    }
  }
  return { queued, deleted, ...(renamed > 0 && { renamed }), ignored };
}

function whichOf(digest: string | undefined, tag: string | undefined): WhichNames {
  if (digest !== undefined) return { digest: parseDigest(digest) };
  return tag === undefined ? 'all' : { tag };
}
