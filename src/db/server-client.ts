/** One connection of the driver, as all of this program's are. */
import pg from 'pg';

/**
 * An error may come at any time, also in one read with the server's greeting: without a listener the process would end.
 * Whoever waits for something is told. The password, which the driver would keep, is dropped when the server has taken it.
 */
export class ServerClient extends pg.Client {
  constructor(config: pg.ClientConfig) {
    super(config);
    this.on('error', () => {});
    this.once('connect', () => {
      const kept = this as unknown as { password: null; connectionParameters: { password: null } };
      kept.password = null;
      kept.connectionParameters.password = null;
    });
  }
}
