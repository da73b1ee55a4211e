/** The client of stompit, but for what brokers may say that it does not bear: the text of an ERROR ends the process. */
import stompit, { type FrameHandlers, type IncomingFrame } from 'stompit';

/** Characters of what a broker says. */
const TOLD = 1000;

export class StompClient extends stompit.Client {
  /** Called by stompit for each part of a session. */
  override setCommandHandlers(handlers: FrameHandlers): void {
    const { CONNECTED: connected } = handlers;
    super.setCommandHandlers({
      ...handlers,
      ...(connected && {
        CONNECTED: (frame, done) => {
          // Timers count to 2^31 ms, and take what is over it for one: a beat that is rarer is none (STOMP 1.2, "Heart-beating").
          const { 'heart-beat': beats = '0,0' } = frame.headers;
          frame.headers['heart-beat'] = String(beats).replace(/\d{10,}/g, '0');
          connected.call(this, frame, done);
        },
      }),
      ERROR: (frame) => this.#end(frame),
    });
  }

  /** STOMP 1.2, "ERROR": nothing comes after it; the body may say more than the header `message`. */
  #end(frame: IncomingFrame): void {
    const { message = 'the broker says ERROR' } = frame.headers;
    let text = '';
    frame.on('error', () => {});
    frame.on('data', (chunk: Buffer) => {
      if (text.length < TOLD) text += chunk.toString('utf8');
    });
    frame.on('end', () => {
      const told = text.replace(/\s+/g, ' ').trim().slice(0, TOLD);
      this.destroy(new Error(told === '' ? String(message) : `${message}: ${told}`));
    });
  }
}
