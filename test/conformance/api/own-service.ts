/** A service of a suite's own, for what needs another configuration. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { testDatabase } from '../../../src/db/database.fixture.ts';
import { type Service, startService } from '../service.ts';
import type { SuiteContext } from '../suites/suite.ts';

/** The recorded configuration `file` on an empty database, without feeds, with `change` made to it. */
export async function startOwnService(
  { corpus, corpusAddress }: SuiteContext,
  file: string,
  change: (config: Record<string, Record<string, unknown>>) => void = () => {},
): Promise<Service> {
  await using resources = new AsyncDisposableStack();
  const { dsn } = resources.use(await testDatabase());
  const config = parse(readFileSync(join(corpus, file), 'utf8')) as Record<string, Record<string, unknown>>;
  config.matcher = { ...config.matcher, disable_updaters: true, disable_enrichment: true };
  change(config);
  const service = resources.use(
    await startService({ config: stringify(config), upstream: corpusAddress, epss: undefined, dsn }),
  );
  const owned = resources.move();
  return { ...service, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
