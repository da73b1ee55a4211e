/** Tells of workflows of GitHub in directories of sources: the actions that they run are no part of what is built. */
import type { Detection, Detector } from '../../contract/detector.ts';
import { counted } from '../../lib/counted.ts';

const WORKFLOW = /(?:^|\/)\.github\/(?:workflows\/[^/]+|actions\/(?:[^/]+\/)+action)\.ya?ml$/;
const WITHIN = /(?:^|\/)(?:node_modules|vendor|site-packages)\//;
/** `uses: owner/name@ref`, but an action that lies here, or an image. */
const USES = /^[ \t-]*uses:[ \t]*["']?([\w.-]+\/[\w./-]+@[^\s"'#]+)/gm;
const MAX_BYTES = 1024 * 1024;

// differs: a detector that Clair does not have: workflows of GitHub
export const workflows: Detector = {
  id: 'github-workflows',
  revision: '1',
  kind: 'package',
  checkouts: true,
  wants: ({ path, type }) => type === 'file' && WORKFLOW.test(path) && !WITHIN.test(path),
  *read(layer): Generator<Detection> {
    for (const file of layer.files) {
      const text = file.start(MAX_BYTES).toString();
      const actions = new Set([...text.matchAll(USES)].map(([, action]) => action));
      if (actions.size === 0) continue;
      const reason = `a workflow with ${counted(actions.size, 'action')}: they are not checked`;
      yield { found: 'problem', where: file.path, reason, kind: 'note' };
    }
  },
};
