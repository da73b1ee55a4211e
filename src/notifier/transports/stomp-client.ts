/** The client of stompit, but for frames of kind ERROR: what it does with their text ends the process. */
import stompit, { type FrameHandlers, type IncomingFrame } from 'stompit';

/** Characters of what a broker says. */
const TOLD = 1000;

export class StompClient extends stompit.Client {
  /** Called by stompit for each part of a session. */
  override setCommandHandlers(handlers: FrameHandlers): void {
    super.setCommandHandlers({ ...handlers, ERROR: (frame) => this.#end(frame) });
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
