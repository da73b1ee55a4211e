/** Reads the body of a request with events of a registry, in any of the formats. */

import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import { AppError } from '../../errors.ts';
import { parseBody } from '../../http/json-body.ts';
import { schemaIssues } from '../../lib/schema-issues.ts';
import { type EventSettings, MAX_EVENTS, type RegistryEvent } from './event.ts';
import { EVENT_FORMATS } from './formats.ts';

const REPOSITORY = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const DIGEST = /^sha(?:256:[0-9a-f]{64}|512:[0-9a-f]{128})$/;

export interface EventsReading {
  readonly format: string;
  readonly events: readonly RegistryEvent[];
}

/** Throws `bad-request` for what is no JSON, in no format, or too many events at once. */
export function readEvents(
  body: unknown,
  headers: Readonly<IncomingHttpHeaders>,
  settings: EventSettings,
): EventsReading {
  const json = parseBody(body);
  // CloudEvents, HTTP binding: in batches they are a list; in binary mode the attributes are header fields.
  const bodies = Array.isArray(json) ? json : [unfold(json, headers)];
  if (bodies.length > MAX_EVENTS) throw new AppError('bad-request', `body: over ${MAX_EVENTS} events`);
  const readings = bodies.map((each, index) =>
    readOne(each, settings, bodies.length > 1 ? `[${index}]` : ''),
  );
  const events = readings.flatMap((reading) => reading.events);
  if (events.length > MAX_EVENTS) throw new AppError('bad-request', `body: over ${MAX_EVENTS} events`);
  return { format: readings[0]?.format ?? 'cloudevents', events };
}

function readOne(body: unknown, settings: EventSettings, where: string): EventsReading {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new AppError('bad-request', `body${where}: not an object`);
  for (const { name, read } of EVENT_FORMATS) {
    let events: RegistryEvent[] | undefined;
    try {
      events = read(body as Record<string, unknown>, settings);
    } catch (error) {
      if (!(error instanceof z.ZodError)) throw error;
      throw new AppError('bad-request', `body${where}: not as events of ${name} are: ${schemaIssues(error)}`);
    }
    if (events === undefined) continue;
    for (const event of events) check(event, `body${where}`);
    return { format: name, events };
  }
  const known = EVENT_FORMATS.map(({ name }) => name).join(', ');
  throw new AppError('bad-request', `body${where}: not in a known format (${known})`);
}

function check({ repository, digest, tag, to }: RegistryEvent, where: string): void {
  const bad = (what: string, value: string): AppError =>
    new AppError('bad-request', `${where}: ${what} ${JSON.stringify(value.slice(0, 200))} is not valid`);
  for (const name of to === undefined ? [repository] : [repository, to])
    if (name.length > 255 || !REPOSITORY.test(name)) throw bad('repository', name);
  if (digest !== undefined && !DIGEST.test(digest)) throw bad('digest', digest);
  if (tag !== undefined && !TAG.test(tag)) throw bad('tag', tag);
}

function unfold(json: unknown, headers: Readonly<IncomingHttpHeaders>): unknown {
  const { 'ce-specversion': specversion, 'ce-type': type } = headers;
  return typeof specversion === 'string' && typeof type === 'string'
    ? { specversion, type, data: json }
    : json;
}
