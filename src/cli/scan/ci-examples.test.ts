/** The examples for CI use flags and variables that there are. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { scanCommand } from './scan-command.ts';

const known = new Set([
  ...scanCommand().options.flatMap(({ long, envVar }) => [long, envVar]),
  'CLAIR_TARGET',
  'CLAIR_REGISTRY_PASSWORD',
  'CLAIR_IMAGE', // of the template itself
]);

describe('examples for CI', () => {
  for (const name of ['action.yml', 'github-workflow.yml', 'gitlab-ci.yml']) {
    it(name, () => {
      const text = readFileSync(new URL(`../../../examples/ci/${name}`, import.meta.url), 'utf8');
      assert.equal(typeof parse(text), 'object');
      const used = text.match(/\bCLAIR_[A-Z_]+\b|(?<=\s)--[a-z][a-z-]+/g) ?? [];
      for (const word of used) assert.ok(known.has(word), word);
    });
  }
});
