/** How notifications leave: a transport brings them to its one target, or says why not. */
import type { Notification } from './notification.ts';

/** What one message, or one batch of them, is about. */
export interface Delivery {
  /** Names the set of notifications: the same in every attempt, so that a receiver can tell a repetition. */
  readonly notificationId: string;
  /** Where a receiver gets the set, with its id (the core appends it to `callback` of the transport); '' if none is configured. */
  readonly callback: string;
  /** Given to direct transports only; read once, in the order of their ids. */
  readonly notifications?: AsyncIterable<Notification> | readonly Notification[];
}

export interface Transport extends AsyncDisposable {
  /** As its kind has it. */
  readonly name: string;
  /** Sends the notifications themselves rather than a callback. */
  readonly direct: boolean;
  /** What a callback begins with, as configured; '' if there is none. */
  readonly callback: string;
  /**
   * Resolves when the target has taken all of it for good.
   * Throws `PermanentError` if it never will, any other error if a later attempt may do.
   */
  deliver(delivery: Delivery, signal: AbortSignal): Promise<void>;
}

/** The target refuses this delivery for good: it is a dead letter at once. */
export class PermanentError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'PermanentError';
  }
}

/** The target says how long to wait before the next attempt. */
export class RetryAfterError extends Error {
  /** Milliseconds. */
  readonly retryAfter: number;

  constructor(message: string, retryAfter: number, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'RetryAfterError';
    this.retryAfter = retryAfter;
  }
}
