// A placeholder for the receiver of notifications: logs what the notifier posts, and fetches nothing.
import { createServer } from 'node:http';

const LIMIT = 64 * 1024;

const server = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) if (body.length < LIMIT) body += chunk;
  process.stdout.write(
    `${JSON.stringify({ time: new Date(), method: request.method, body: body.slice(0, LIMIT) })}\n`,
  );
  response.end();
}).listen(8080);
process.once('SIGTERM', () => server.close());
