/** Which alerts fire, by promtool(1): the cases of deploy/test/alerts.yaml. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { ROOT } from '../imports.ts';

const cases = join(ROOT, 'deploy/test/alerts.yaml');
const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

describe('alerts', () => {
  it('fire when they should, and once', { skip: !hasPromtool && 'needs promtool' }, () => {
    const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', cases], { encoding: 'utf8' });
    assert.equal(status, 0, stdout + stderr);
  });

  it('about feeds each have a case', () => {
    const { groups } = parse(readFileSync(join(ROOT, 'deploy/helm/clair/files/alerts.yaml'), 'utf8'));
    const { tests } = parse(readFileSync(cases, 'utf8'));
    const tested = tests.flatMap(
      ({ alert_rule_test: rules = [] }: { alert_rule_test?: { alertname: string }[] }) =>
        rules.map(({ alertname }) => alertname),
    );
    const aboutFeeds = groups[0].rules.filter(({ expr }: { expr: string }) => /clair_feed_/.test(expr));
    assert.ok(aboutFeeds.length >= 5);
    for (const { alert } of aboutFeeds) assert.ok(tested.includes(alert), alert);
  });
});
