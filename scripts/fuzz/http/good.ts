/** Valid requests of both protocols, and their responses. */
import { once } from 'node:events';
import { connect } from 'node:http2';
import { text } from 'node:stream/consumers';
import type { FuzzedService } from './service.ts';

const HASH = `sha256:${'f'.repeat(64)}`;

/** All of it as one text, which is the same as long as the service is well: it begins with `201`. */
export async function goodAnswer(service: FuzzedService): Promise<string> {
  const headers = { authorization: await service.token() };
  const at = `http://127.0.0.1:${service.port}`;
  const posted = await fetch(`${at}/indexer/api/v1/index_report`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ hash: HASH, layers: [service.layer] }),
  });
  const answers = [
    posted,
    ...(await Promise.all(
      [
        '/indexer/api/v1/index_state',
        `/indexer/api/v1/index_report/${HASH}`,
        `/matcher/api/v1/vulnerability_report/${HASH}`,
        '/openapi/v1',
      ].map((path) => fetch(at + path, { headers })),
    )),
  ];
  return (await Promise.all(answers.map(async (answer) => `${answer.status} ${await answer.text()}`))).join(
    '\n',
  );
}

/** The state of the indexer by HTTP/2: status and body. */
export async function goodAnswerByHttp2(service: FuzzedService): Promise<string> {
  const session = connect(`http://127.0.0.1:${service.port}`);
  session.on('error', () => {});
  try {
    const stream = session.request({
      ':path': '/indexer/api/v1/index_state',
      authorization: await service.token(),
    });
    const [headers] = (await once(stream, 'response')) as [{ ':status'?: number }];
    return `${headers[':status']} ${await text(stream)}`;
  } finally {
    session.destroy();
  }
}
