/** A Jaeger of version 2 as docker-compose.yaml starts it, on an address of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Running until disposed. */
export interface Jaeger extends AsyncDisposable {
  /** Where it takes OTLP. */
  readonly grpc: string;
  readonly http: string;
  /** The spans of a trace by the services that sent them: their names. */
  trace(id: string): Promise<ReadonlyMap<string, readonly string[]>>;
}

interface Traces {
  readonly result?: {
    readonly resourceSpans: readonly {
      readonly resource: {
        readonly attributes: readonly {
          readonly key: string;
          readonly value: { readonly stringValue?: string };
        }[];
      };
      readonly scopeSpans: readonly { readonly spans: readonly { readonly name: string }[] }[];
    }[];
  };
}

/** `host`: of 127.0.0.0/8; its page and API are on the same port of every address. */
export function startJaeger(program: string, host: string): Jaeger {
  const child = spawn(program, [], { stdio: 'ignore', env: { ...process.env, JAEGER_LISTEN_HOST: host } });
  const ended = once(child, 'exit');
  return {
    grpc: `${host}:4317`,
    http: `${host}:4318`,
    async trace(id) {
      const { result } = (await (await fetch(`http://${host}:16686/api/v3/traces/${id}`)).json()) as Traces;
      const found = new Map<string, string[]>();
      for (const { resource, scopeSpans } of result?.resourceSpans ?? []) {
        const service =
          resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? '';
        const names = scopeSpans.flatMap(({ spans }) => spans.map(({ name }) => name));
        found.set(service, [...(found.get(service) ?? []), ...names]);
      }
      return found;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
