import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parsePurl } from '../../model/purl.ts';
import { purl } from './purl.ts';

/** `NAME VERSION` of a package URL. */
function read(text: string): string {
  const { name, version } = purl.fromPurl(parsePurl(text)!)!.package;
  return `${name} ${version}`;
}

describe('packages of Go in package URLs', () => {
  const cases: [purl: string, want: string][] = [
    ['pkg:golang/golang.org/x/net/http2@v0.20.0', 'golang.org/x/net v0.20.0'],
    ['pkg:golang/golang.org/x/net/http2/hpack@0.20.0', 'golang.org/x/net 0.20.0'],
    ['pkg:golang/golang.org/x/net@v0.20.0', 'golang.org/x/net v0.20.0'],
    ['pkg:golang/golang.org/x/tools/gopls@v0.15.0', 'golang.org/x/tools/gopls v0.15.0'],
    ['pkg:golang/golang.org/x/exp/shiny@v0.0.0-2024', 'golang.org/x/exp/shiny v0.0.0-2024'],
    ['pkg:golang/crypto/tls@1.21.0', 'stdlib 1.21.0'],
    ['pkg:golang/net/http@go1.21.3', 'stdlib 1.21.3'],
    ['pkg:golang/net@v0.3.0', 'net v0.3.0'],
    ['pkg:golang/k8s.io/client-go/rest@v0.28.0', 'k8s.io/client-go v0.28.0'],
    ['pkg:golang/k8s.io/klog/v2@v2.100.1', 'k8s.io/klog/v2 v2.100.1'],
    [
      'pkg:golang/github.com/docker/docker/client@v24.0.0%2Bincompatible',
      'github.com/docker/docker v24.0.0+incompatible',
    ],
    ['pkg:golang/github.com/lab/app/v3/client@v3.1.0', 'github.com/lab/app/v3 v3.1.0'],
    ['pkg:golang/go.etcd.io/etcd/client/v3@v3.5.0', 'go.etcd.io/etcd/client/v3 v3.5.0'],
    ['pkg:golang/gopkg.in/yaml.v3/sub@v3.0.0', 'gopkg.in/yaml.v3 v3.0.0'],
    ['pkg:golang/gopkg.in/yaml.v3@v3.0.0', 'gopkg.in/yaml.v3 v3.0.0'],
    // It may be a module of its own, as that of Consul is.
    ['pkg:golang/github.com/hashicorp/consul/api@v1.12.0', 'github.com/hashicorp/consul/api v1.12.0'],
    ['pkg:golang/myapp@v1.0.0', 'myapp v1.0.0'],
  ];
  for (const [text, want] of cases) it(text, () => assert.equal(read(text), want));
});
