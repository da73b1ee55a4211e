/** Alerts and dashboards ask for metrics that there are. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { parse } from 'yaml';
import { ROOT } from '../imports.ts';

const files = join(ROOT, 'deploy/helm/clair/files');
const sources = globSync('src/introspection/**/*.ts', { cwd: ROOT })
  .filter((file) => !file.endsWith('.test.ts'))
  .map((file) => readFileSync(join(ROOT, file), 'utf8'))
  .join('\n');

function knownMetrics(): Set<string> {
  const register = new Registry();
  collectDefaultMetrics({ register });
  const names = [...sources.matchAll(/'((?:clair|http|pgxpool)_[a-z_]+)'/g)].map(([, name]) => name!);
  const known = new Set(['up', ...names, ...register.getMetricsAsArray().map(({ name }) => name)]);
  for (const name of [...known]) {
    if (/_(seconds|bytes)$/.test(name))
      for (const end of ['bucket', 'sum', 'count']) known.add(`${name}_${end}`);
  }
  return known;
}

/** The metrics of a PromQL expression: names that are neither functions nor labels nor keywords. */
function metricsIn(expression: string): string[] {
  const bare = expression
    .replace(/\{__name__=~"(\w+)\((\w+)\|(\w+)\)(\w+)"\}/g, '$1$2$4 $1$3$4')
    .replace(/\{[^}]*\}|\[[^\]]*\]/g, '')
    .replace(/\b(by|without|on|ignoring)\s*\([^)]*\)/g, '')
    .replace(/\b(and|or|unless)\b/g, ' ')
    .replace(/label_values\((\w+),\s*\w+\)/g, '$1');
  return [...bare.matchAll(/[a-z_][a-z0-9_]*(?!\w|\s*\()/gi)].map(([name]) => name);
}

describe('metrics that are asked for', () => {
  const known = knownMetrics();
  const page = readFileSync(join(ROOT, 'docs/reference/alerts.md'), 'utf8');

  it('are there for the alerts', () => {
    const { groups } = parse(readFileSync(join(files, 'alerts.yaml'), 'utf8')) as {
      groups: {
        rules: { alert: string; expr: string; annotations: { summary: string; description: string } }[];
      }[];
    };
    const rules = groups.flatMap((group) => group.rules);
    assert.ok(rules.length >= 10);
    for (const { alert, expr, annotations } of rules) {
      const metrics = metricsIn(expr);
      assert.ok(metrics.length > 0, alert);
      for (const name of metrics) assert.ok(known.has(name), `${alert}: ${name}`);
      assert.ok(annotations.summary && annotations.description, alert);
      // Of whose Clair it is: by that it is routed, and OpenShift drops an alert without.
      assert.ok(!/\bby \((?!namespace, job\b)/.test(expr), `${alert} loses the namespace`);
      assert.match(page, new RegExp(`^### ${alert}$`, 'm'), `${alert} is not in docs/reference/alerts.md`);
      for (const [name] of annotations.description.matchAll(/clair_\w+/g)) assert.ok(known.has(name), name);
    }
  });

  it('are there for the dashboard', () => {
    const text = readFileSync(join(files, 'dashboard.json'), 'utf8');
    const { panels } = JSON.parse(text) as { panels: { title: string; targets?: { expr: string }[] }[] };
    const targets = panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })));
    assert.ok(targets.length > 20);
    for (const { title, expr } of targets) {
      const metrics = metricsIn(expr);
      assert.ok(metrics.length > 0, title);
      for (const name of metrics) assert.ok(known.has(name), `${title}: ${name}`);
    }
  });

  it('are told from functions and labels', () => {
    assert.deepEqual(metricsIn('max by (x) ({__name__=~"a_(b|c)_d"}) > 1 and on (x) (e == 1)'), [
      'a_b_d',
      'a_c_d',
      'e',
    ]);
    assert.deepEqual(metricsIn('histogram_quantile(0.9, sum by (le, x) (rate(a_bucket{b="c"}[5m]))) > 5'), [
      'a_bucket',
    ]);
  });
});
