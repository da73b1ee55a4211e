/** The container image, as far as it can be told without building it. */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { ROOT } from '../imports.ts';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const containerfile = read('deploy/Containerfile');
const server = containerfile.slice(containerfile.indexOf('AS server'));

describe('the container image', () => {
  it('starts clair as bin/clair.mjs does', async () => {
    // Plain JavaScript without types: it runs before anything is installed.
    const {
      memory,
      optimizeLate,
    }: {
      memory: { flags: string[]; environment: Record<string, string> };
      optimizeLate: string[];
    } = await import(pathToFileURL(join(ROOT, 'scripts', 'node24.mjs')).href);
    assert.ok(memory.flags.length > 0);
    assert.ok(Object.keys(memory.environment).length > 0);
    for (const image of [read('deploy/image/clair'), read('deploy/image/clairctl')]) {
      assert.ok(image.includes(`node ${memory.flags.join(' ')} /`), memory.flags.join(' '));
      for (const [name, value] of Object.entries(memory.environment))
        assert.ok(image.includes(`export ${name}="\${${name}:-${value}}"`), name);
    }
    assert.ok(read('deploy/image/clairctl').includes(`node ${optimizeLate.join(' ')} /`));
    for (const name of ['clair', 'clairctl', 'clair-health']) {
      assert.match(read(`deploy/image/${name}`), /^exec /m, 'signals reach the program');
      assert.equal(statSync(join(ROOT, 'deploy/image', name)).mode & 0o111, 0o111);
    }
  });

  it('has what guides for Clair say', () => {
    for (const line of [
      'VOLUME /config',
      'EXPOSE 6060 8089',
      'WORKDIR /run',
      'ENTRYPOINT ["/usr/bin/clair"]',
      'ENV CLAIR_CONF=/config/config.yaml',
      'CLAIR_MODE=combo',
    ]) {
      assert.ok(server.includes(line), line);
    }
    assert.ok(containerfile.includes('USER 65534:65534'));
    assert.ok(containerfile.includes('SSL_CERT_DIR=/etc/ssl/certs:/etc/pki/tls/certs:/var/run/certs'));
  });

  it('is made of files that there are, and that are let through', () => {
    const allowed = read('.containerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const sources = [...containerfile.matchAll(/^COPY (?!--from)(.*)$/gm)].flatMap(([, args = '']) =>
      args
        .split(' ')
        .filter((arg) => !arg.startsWith('--'))
        .slice(0, -1),
    );
    assert.ok(sources.length > 5);
    for (const source of sources) {
      assert.ok(existsSync(join(ROOT, source)), source);
      const isLet = allowed.some(
        (path) => source === path || source.startsWith(`${path}/`) || path.startsWith(`${source}/`),
      );
      assert.ok(isLet, `${source} is not in .containerignore`);
    }
    assert.equal(read('.dockerignore'), read('.containerignore'));
    const bundled = [...read('scripts/build.mjs').matchAll(/cpSync\(join\(root, '([\w-]+)'/g)].map(
      ([, name]) => name!,
    );
    for (const name of bundled) assert.ok(allowed.includes(name), `${name} is bundled`);
  });

  it('tells its health', async () => {
    let status = 200;
    const service = createServer((_, response) => response.writeHead(status).end('ok')).listen(
      0,
      '127.0.0.1',
    );
    const { port } = await new Promise<AddressInfo>((done) =>
      service.once('listening', () => done(service.address() as AddressInfo)),
    );
    const script = read('deploy/image/clair-health').replace('/usr/local/bin/node', process.execPath);
    const ask = (env: Record<string, string>): Promise<unknown> =>
      promisify(execFile)('/bin/sh', ['-c', script], { env: { PATH: '/usr/bin:/bin', ...env } });
    const url = { CLAIR_HEALTH_URL: `http://127.0.0.1:${port}/healthz` };
    try {
      await ask(url);
      status = 503;
      await assert.rejects(ask(url));
      service.close();
      service.closeAllConnections();
      await assert.rejects(ask(url), /ECONNREFUSED/);
    } finally {
      service.close();
    }
  });

  it('is made by scripts that can be read', () => {
    const scripts = ['run', 'build-images', 'make-base-image'].map((name) => `deploy/test/${name}.sh`);
    for (const script of [...scripts, 'deploy/kubernetes/render.sh']) {
      assert.equal(spawnSync('bash', ['-n', join(ROOT, script)]).status, 0, script);
    }
  });
});
