/** The part of stompit that is used; it comes without types. */
declare module 'stompit' {
  import type { EventEmitter } from 'node:events';
  import type { Socket } from 'node:net';
  import type { Readable, Writable } from 'node:stream';

  export interface ClientOptions {
    /** ms that the peer's heart-beat may be late. */
    heartbeatDelayMargin?: number;
    maxLineLength?: number;
  }

  export type Headers = Record<string, string | number>;

  /** A frame that comes: its body is read from it. */
  export interface IncomingFrame extends Readable {
    readonly headers: Record<string, string | number>;
  }

  export type FrameHandlers = Record<string, (frame: IncomingFrame, done: () => void) => void>;

  export class Client extends EventEmitter {
    constructor(socket: Socket, options?: ClientOptions);
    connect(headers: Headers, callback: (error: Error | null) => void): void;
    sendFrame(command: string, headers: Headers, options?: { onReceipt?: () => void }): Writable;
    setCommandHandlers(handlers: FrameHandlers): void;
    disconnect(callback: (error: Error | null) => void): void;
    destroy(error?: Error): void;
  }

  const stompit: { Client: typeof Client };
  // biome-ignore lint/style/noDefaultExport: what CommonJS exports
  export default stompit;
}
