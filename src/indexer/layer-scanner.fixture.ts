/** Detectors that misbehave on purpose, for the tests of the layer scanner: loaded by its threads. */
import type { Detector } from '../contract/detector.ts';
import type { Ecosystem } from '../contract/ecosystem.ts';

const detector = (id: string, parts: Partial<Detector>): Detector => ({
  id,
  revision: '1',
  kind: 'package',
  ...parts,
});

const detectors: readonly Detector[] = [
  detector('list', {
    wants: ({ type }) => type !== 'directory',
    *read(layer) {
      for (const { path } of layer.files) yield { found: 'database', database: 'list', path };
    },
  }),
  detector('crash', {
    read() {
      process.exit(3);
    },
  }),
  detector('forever', {
    read() {
      for (;;); // never comes to asking whether to stop
    },
  }),
  detector('endless', {
    *read() {
      for (;;) yield { found: 'problem', where: '', reason: '' };
    },
  }),
];

export const ecosystems = [{ id: 'test', detectors }] as unknown as readonly Ecosystem[];
