/** Suite `api-introspection`: the recorded requests to the address of health and metrics. */
import { judgeAnswer } from '../api/judge.ts';
import { startOwnService } from '../api/own-service.ts';
import { ask, readRecorded } from '../api/recorded.ts';
import type { Suite } from './suite.ts';

/** Judges the introspection address, but for what the metrics and profiles say. */
export const apiIntrospectionSuite: Suite = {
  name: 'api-introspection',
  async *run(context) {
    const recorded = readRecorded(context.corpus, 'api-introspection');
    if (recorded.length === 0) return;
    await using service = await startOwnService(context, 'clair.yaml');
    for (const each of recorded) {
      const ours = await ask(service.introspectionAddress, each.request);
      const isOpaque = /^\/(metrics|debug)/.test(each.request.path);
      yield judgeAnswer(
        isOpaque ? { ...each, body: undefined } : each,
        isOpaque ? { ...ours, body: undefined } : ours,
      );
    }
  },
};
