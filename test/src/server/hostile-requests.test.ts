import { once } from 'node:events';
import { connect } from 'node:net';
import test from 'ava';
import { createService } from '../../../src/server/create-service.js';
import { smallModel } from '../../helpers/builders/models.js';
import { fuzzRequests } from '../../helpers/suites/request-fuzzing.js';

test('hundreds of hostile requests get no 500, and no user gets the list of another', async (t) => {
  t.deepEqual(await fuzzRequests(1, 400), []);
});

test('what is no HTTP is cut off, and the service goes on', async (t) => {
  const service = await createService(smallModel());
  t.teardown(() => service.close());
  const { url } = await service.listen({ port: 0 });
  const long = 'a'.repeat(40_000);
  for (const bytes of [
    'hello\r\n\r\n',
    '\u0000\u0001\u0002\r\n\r\n',
    `GET /${long} HTTP/1.1\r\nhost: x\r\n\r\n`,
    `GET / HTTP/1.1\r\nhost: x\r\nx: ${long}\r\n\r\n`,
    'POST /batch HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n',
    'POST /batch HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\ncontent-length: 5\r\n\r\nzz\r\n',
    'GET /popular HTTP/9.9\r\n\r\n',
  ]) {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.on('error', () => {});
    let said = '';
    socket.on('data', (text) => {
      said += text;
    });
    socket.end(bytes, 'latin1');
    await once(socket, 'close');
    t.regex(said, /^($|HTTP\/1\.1 4)/, bytes.slice(0, 60));
  }
  t.is((await fetch(`${url}/popular`)).status, 200);
});
