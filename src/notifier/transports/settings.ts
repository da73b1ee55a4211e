/** What transports are told by the configuration, as `notifier.webhook`, `.amqp` and `.stomp` have it. */

/** Paths of PEM files. */
export interface TlsFiles {
  readonly root_ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

export interface WebhookSettings {
  readonly target: string;
  readonly callback: string;
  readonly headers?: Readonly<Record<string, readonly string[]>> | null | undefined;
}

/** Of transports that can send the notifications themselves. */
export interface BatchSettings {
  readonly callback: string;
  readonly direct: boolean;
  readonly rollup: number;
}

export interface AmqpSettings extends BatchSettings {
  readonly uris: readonly string[];
  readonly routing_key: string;
  /** `type`, `durability` and `auto_delete` are the broker's business: the exchange is there already. */
  readonly exchange: { readonly name: string };
  readonly tls?: TlsFiles | null | undefined;
}

export interface StompSettings extends BatchSettings {
  /** host:port. */
  readonly uris: readonly string[];
  readonly destination: string;
  readonly user?: { readonly login: string; readonly passcode: string } | null | undefined;
  readonly tls?: TlsFiles | null | undefined;
}

export interface TransportSettings {
  readonly webhook?: WebhookSettings | null | undefined;
  readonly amqp?: AmqpSettings | null | undefined;
  readonly stomp?: StompSettings | null | undefined;
}
