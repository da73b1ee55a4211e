/** `NOTIFIER_TEST_MODE`: news of nobody, so that a receiver can be tried without feeds and images (clair-service.md#test-mode). */
import { randomBytes, randomUUID } from 'node:crypto';
import { nameUuid } from './names.ts';
import type { ManifestSource, Run, RunSource } from './sources.ts';

const UPDATER = 'test-updater';
/** Where the runs of every process begin, so that those of the next one are seen as later. */
const START: Run = { ref: nameUuid(UPDATER), date: '1970-01-01T00:00:00Z' };
/** Of its runs: a notifier that is that far behind has other troubles. */
const KEPT = 10;

/** A vulnerability that is nobody's; also what a test delivery tells of. */
export const TEST_VULNERABILITY = {
  id: '0',
  updater: UPDATER,
  name: 'test-vulnerability',
  description: '',
  links: '',
  severity: '',
  normalized_severity: 'Unknown',
  fixed_in_version: '',
} as const;

/** The digest of no image. */
export function testManifest(): string {
  return `sha256:${randomBytes(32).toString('hex')}`;
}

/** A run at each poll, with one vulnerability. */
export function testRuns(now: () => Date): RunSource {
  const runs: Run[] = [];
  return {
    async runs(latest) {
      if (latest) runs.unshift({ ref: randomUUID(), date: now().toISOString() });
      runs.length = Math.min(runs.length, KEPT);
      return { [UPDATER]: [...runs, START] };
    },
    async *changes() {
      yield { reason: 'added', vulnerability: TEST_VULNERABILITY };
    },
  };
}

/** Each vulnerability affects a manifest of its own. */
export const testManifests: ManifestSource = {
  async *affected(changes) {
    yield { manifests: changes.map((_, at) => [testManifest(), [at]]), next: '' };
  },
};
