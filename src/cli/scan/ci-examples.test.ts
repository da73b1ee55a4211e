/** The examples for CI use flags and variables that there are, and what they fetch is checked before it runs. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { scanCommand } from './scan-command.ts';

const FOLDER = new URL('../../../examples/ci/', import.meta.url);
const EXAMPLES = readdirSync(FOLDER).sort();
const known = new Set([
  ...scanCommand().options.flatMap(({ long, envVar }) => [long, envVar]),
  'CLAIR_TARGET',
  'CLAIR_REGISTRY_PASSWORD',
  // Of the examples themselves.
  'CLAIR_IMAGE',
  'CLAIR_RELEASE_URL',
  'CLAIR_RELEASE_SHA256',
]);
/** Of other programs. */
const FOREIGN = new Set(['--retry', '--no-install-recommends']);
const text = (name: string): string => readFileSync(new URL(name, FOLDER), 'utf8');
/** Needs an image with the program in it. */
const FETCH_NOTHING = ['gitlab-ci.yml', 'github-workflow.yml'];

describe('examples for CI', () => {
  it('are there for each system', () =>
    assert.deepEqual(EXAMPLES, [
      'Jenkinsfile',
      'action.yml',
      'azure-pipelines.yml',
      'github-workflow.yml',
      'gitlab-ci.yml',
      'gitlab-component.yml',
      'pre-commit-config.yaml',
      'tekton-task.yml',
    ]));

  for (const name of EXAMPLES)
    it(name, () => {
      if (/\.ya?ml$/.test(name))
        for (const document of parseAllDocuments(text(name)))
          assert.deepEqual([document.errors, typeof document.toJS()], [[], 'object']);
      const used = text(name).match(/\bCLAIR_[A-Z0-9_]+\b|(?<=\s)--[a-z][a-z-]+/g) ?? [];
      for (const word of used) assert.ok(known.has(word) || FOREIGN.has(word), word);
    });

  for (const name of EXAMPLES.filter((each) => !FETCH_NOTHING.includes(each)))
    it(`${name} fetches the program, and checks it before it is run`, () => {
      const steps = [
        /curl -fsSL --retry 3 -o clairctl "\$CLAIR_RELEASE_URL\/clairctl-linux-x64"/,
        /echo "\$CLAIR_RELEASE_SHA256 {2}clairctl" \| sha256sum -c -/,
        /chmod \+x clairctl/,
        /(?:clairctl|"\$PROGRAM") scan --/,
      ];
      const places = steps.map((step) => text(name).search(step));
      assert.ok(
        places.every((place) => place >= 0),
        `${places}`,
      );
      assert.deepEqual(
        places,
        places.toSorted((a, b) => a - b),
      );
    });
});

describe('what the examples fetch', () => {
  const program = '#!/bin/sh\necho scanned\n';
  const server = createServer((request, response) =>
    request.url === '/r/clairctl-linux-x64' ? response.end(program) : response.writeHead(404).end(),
  );
  const folder = mkdtempSync(join(tmpdir(), 'clair-ci-'));
  let url = '';
  before(async () => {
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  /** The steps of an example, as its shell runs them. */
  const script = `set -eu\n${/curl -fsSL[^\n]*\n[^\n]*\n[^\n]*/.exec(text('tekton-task.yml'))![0]}\n./clairctl`;
  const run = (CLAIR_RELEASE_URL: string, CLAIR_RELEASE_SHA256: string) =>
    promisify(execFile)('sh', ['-c', script], {
      cwd: folder,
      env: { PATH: process.env.PATH, CLAIR_RELEASE_URL, CLAIR_RELEASE_SHA256 },
    });
  const digest = createHash('sha256').update(program).digest('hex');

  it('runs if it is what was named', async () => {
    assert.match((await run(`${url}/r`, digest)).stdout, /scanned/);
  });
  it('does not run if it is not, or is not there', async () => {
    await assert.rejects(run(`${url}/r`, '0'.repeat(64)));
    await assert.rejects(run(`${url}/r`, ''));
    rmSync(join(folder, 'clairctl'), { force: true });
    await assert.rejects(run(`${url}/none`, digest));
    assert.equal(existsSync(join(folder, 'clairctl')), false);
  });
});
