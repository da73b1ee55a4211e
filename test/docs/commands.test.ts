/** The commands in the documents do what the documents say: each block is run, or says why it is not. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { type Block, blocksOf, documents, readDocument } from './blocks.ts';
import { type Ran, runBlocks } from './sandbox.ts';

/** Every command block of these pages is marked; blocks of other pages run if they are marked. */
const CHECKED = [
  'README.md',
  'CONTRIBUTING.md',
  'docs/README.md',
  ...[
    'secure-the-api',
    'connect-a-registry',
    'tune-and-size',
    'upgrade',
    'migrate-from-clair',
    'troubleshoot',
  ].map((name) => `docs/how-to/${name}.md`),
  ...['deploy-on-containers', 'deploy-on-kubernetes', 'receive-notifications', 'operate-air-gapped'].map(
    (name) => `docs/how-to/${name}.md`,
  ),
  ...['install', 'gate-a-build', 'triage-findings', 'scan-sboms', 'back-up-and-restore'].map(
    (name) => `docs/how-to/${name}.md`,
  ),
  ...['first-image-to-ci-gate', 'first-service'].map((name) => `docs/tutorials/${name}.md`),
  ...['web-ui', 'http-api'].map((name) => `docs/reference/${name}.md`),
];

const isCommand = ({ language }: Block): boolean => ['sh', 'bash', 'console'].includes(language);

for (const document of documents()) {
  const blocks = blocksOf(readDocument(document));
  const unmarked = blocks.filter((block) => isCommand(block) && block.mark === undefined);
  const isChecked = CHECKED.includes(document);
  if (!isChecked && blocks.every(({ mark }) => mark === undefined)) {
    if (unmarked.length > 0) it(document, { skip: notRun(unmarked) }, () => {});
    continue;
  }
  describe(document, () => {
    const runnable = blocks.filter(({ mark }) => mark?.kind === 'run');
    let ran: Ran[] = [];

    before(async () => {
      if (runnable.length > 0 && process.platform !== 'win32') ran = await runBlocks(blocks);
    });

    const skip = !isChecked && unmarked.length > 0 && notRun(unmarked);
    it('says of each command whether it is run', { skip }, () => {
      assert.deepEqual(
        unmarked.map(({ line, text }) => `${document}:${line}: ${text.split('\n')[0]}`),
        [],
      );
    });

    for (const { mark, line } of runnable) {
      if (mark?.kind !== 'run') continue;
      it(`${mark.name} (line ${line})`, { skip: process.platform === 'win32' && 'needs bash' }, () => {
        const found = ran.find(({ name }) => name === mark.name);
        assert.ok(found, `a block before it failed: ${ran.at(-1)?.name}`);
        assert.equal(found.exit, 0, found.printed.slice(-6000));
      });
    }

    for (const { mark, line, text } of blocks) {
      if (mark?.kind !== 'output of') continue;
      it(`prints what line ${line} shows`, { skip: process.platform === 'win32' && 'needs bash' }, () => {
        const printed = ran.find(({ name }) => name === mark.name)?.printed ?? '';
        const missing = text.split('\n').filter((wanted) => !patternOf(wanted).test(printed));
        assert.deepEqual(missing, [], printed.slice(-6000));
      });
    }
  });
}

function notRun(unmarked: readonly Block[]): string {
  return `commands that are not run, at lines ${unmarked.map(({ line }) => line).join(', ')}`;
}

/** `…` stands for anything within the line; how many spaces there are says nothing. */
function patternOf(line: string): RegExp {
  const parts = line.trim().split('…');
  const source = parts
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(/\s+/g, '\\s+'))
    .join('[^\\n]*');
  return new RegExp(source);
}
