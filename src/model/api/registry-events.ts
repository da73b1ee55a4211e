/** Events of registries, as the API takes them. */
import { z } from 'zod';
import { listOf, text, whole } from './schema.ts';

export const RegistryEventsBody = z
  .union([z.record(z.string(), z.unknown()), z.array(z.record(z.string(), z.unknown()))])
  .describe('As the registry sends it; a list: a batch of CloudEvents.');

export const RegistryEventsAnswer = z.object({
  format: text('The format that the body was read as.'),
  queued: whole('Images that will be indexed.'),
  deleted: whole('Deletions that were noted.'),
  renamed: whole('Images that have another name now, if a repository was renamed.').optional(),
  ignored: listOf(z.object({ image: text(), reason: text() }), 'Events that nothing follows from, and why.'),
});
