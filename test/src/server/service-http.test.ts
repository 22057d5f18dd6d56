import { once } from 'node:events';
import { connect } from 'node:net';
import test from 'ava';
import { createService } from '../../../src/server/create-service.js';
import type { ServiceEvent } from '../../../src/server/service-event.js';
import type { ServiceOptions } from '../../../src/server/service-options.js';
import { smallModel } from '../../helpers/builders/models.js';
import { serviceFor } from '../../helpers/builders/services.js';

async function listening(t: { teardown(fn: () => unknown): void }, options: ServiceOptions = {}) {
  const events: ServiceEvent[] = [];
  const onEvent = (event: ServiceEvent) => void events.push(event);
  const service = await createService(smallModel(), { ...options, onEvent });
  t.teardown(() => service.close());
  const { url } = await service.listen({ port: 0, host: '127.0.0.1' });
  return { service, url, events, port: Number(new URL(url).port) };
}

test('tokens open what they should, and nothing shows them', async (t) => {
  const digest = 'sha256:48a7b7b2e7f6a7d4ee7bb1c8ba1c1a1c9e3b4a3f7d1e8e6c2e0b5d4c3a291807';
  const events: ServiceEvent[] = [];
  const { get, service } = await serviceFor(t, {
    ...{ tokens: ['first-token', digest], adminTokens: ['admin-token'] },
    onEvent: (event) => events.push(event),
  });
  const statusWith = async (authorization?: string) => {
    const headers = authorization === undefined ? undefined : { authorization };
    return (await get('/users/a/recommendations', headers)).status;
  };

  t.is(await statusWith('Bearer first-token'), 200);
  t.is(await statusWith('bearer first-token'), 200);
  t.is(await statusWith('Bearer admin-token'), 200);
  for (const wrong of [
    undefined,
    '',
    'Bearer',
    'Bearer first-toke',
    `Bearer ${digest}`,
    'Basic first-token',
    'Bearer first-token x',
  ]) {
    t.is(await statusWith(wrong), 401, String(wrong));
  }
  const refused = await get('/popular');
  t.is(refused.headers.get('www-authenticate'), 'Bearer');
  for (const open of ['/healthz', '/readyz', '/openapi.json', '/docs']) {
    t.is((await get(open)).status, 200, open);
  }
  t.is((await get('/metrics')).status, 401);
  t.notRegex(JSON.stringify([events, refused.body, service]), /first-token|admin-token/);
});

test('tokens that are none are refused without being shown', async (t) => {
  for (const tokens of [['short'], ['with space in it'], [7 as never]]) {
    const error = await t.throwsAsync(createService(smallModel(), { tokens }), {
      code: 'ERR_INVALID_OPTION',
    });
    t.notRegex(error.message, /short|with space/);
  }
});

test('a service listens on this machine only, without tokens or an option', async (t) => {
  const service = await createService(smallModel());
  t.teardown(() => service.close());
  t.regex((await service.listen({ port: 0 })).url, /^http:\/\/127\.0\.0\.1:\d+$/);

  const open = await createService(smallModel(), { tokens: ['a-token-of-mine'] });
  t.teardown(() => open.close());
  t.regex((await open.listen({ port: 0 })).url, /^http:\/\/localhost:\d+$/);
});

test('a port that is taken and an address that is not of this machine are typed errors', async (t) => {
  const { port, service } = await listening(t);

  await t.throwsAsync(service.listen({ port }), { code: 'ERR_LISTEN', message: /another program/ });
  await t.throwsAsync(service.listen({ port: 70_000 }), { code: 'ERR_INVALID_OPTION' });
  await t.throwsAsync(service.listen({ port: 0, host: '192.0.2.1' }), {
    code: 'ERR_LISTEN',
    message: /found no address 192\.0\.2\.1 on this machine/,
  });
});

test('more requests a second than a client may make are answered with 429', async (t) => {
  const { get } = await serviceFor(t, { limits: { perSecond: 3 } });

  const answers = [];
  for (let n = 0; n < 12; n++) answers.push(await get('/popular'));

  const refused = answers.find(({ status }) => status === 429);
  t.is(refused?.body.error.code, 'ERR_TOO_MANY_REQUESTS');
  t.is(refused?.headers.get('retry-after'), '1');
  t.is((await get('/readyz')).status, 200);
});

test('more requests at a time than the service takes on are answered with 503', async (t) => {
  const { get } = await serviceFor(t, { limits: { concurrency: 4 } });

  const answers = await Promise.all(Array.from({ length: 30 }, () => get('/popular')));

  const statuses = answers.map(({ status }) => status);
  t.deepEqual([...new Set(statuses)].sort(), [200, 503]);
  const refused = answers.find(({ status }) => status === 503)!;
  t.is(refused.body.error.code, 'ERR_BUSY');
  t.is(refused.headers.get('retry-after'), '1');
  t.is((await get('/popular')).status, 200, 'and go on afterwards');
});

test('pages of other origins may ask only where that is allowed', async (t) => {
  const origin = 'https://shop.example';
  const headers = { origin };
  const closed = await serviceFor(t);
  t.is((await closed.get('/popular', headers)).headers.get('access-control-allow-origin'), null);

  const open = await serviceFor(t, { cors: [origin], tokens: ['a-token-of-mine'] });
  const asked = await open.service.handler(
    new Request('http://x/popular', {
      method: 'OPTIONS',
      headers: { ...headers, 'access-control-request-method': 'GET' },
    }),
  );
  t.is(asked.status, 204);
  t.is(asked.headers.get('access-control-allow-origin'), origin);
  const other = await open.get('/popular', { origin: 'https://evil.example' });
  t.not(other.headers.get('access-control-allow-origin'), 'https://evil.example');
});

test('a client that sends its request slowly is cut off', async (t) => {
  const { port } = await listening(t, { limits: { requestSeconds: 0.2 } });
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(
    'POST /batch HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{',
  );
  let said = '';
  socket.on('data', (text) => {
    said += text;
  });

  await once(socket, 'close');

  t.regex(said, /^(HTTP\/1\.1 408|$)/);
});

for (const [what, bytes, status, code] of [
  ['bytes that are no HTTP', Buffer.of(0x16, 3, 1, 0, 200, 1), 400, 'ERR_INVALID_REQUEST'],
  [
    'an address that is not encoded',
    Buffer.from('GET /users/\xff/recommendations HTTP/1.1\r\nHost: a\r\n\r\n', 'latin1'),
    400,
    'ERR_INVALID_REQUEST',
  ],
  [
    'headers that are too long',
    `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
    431,
    'ERR_TOO_LARGE',
  ],
  [
    'an id that is too long',
    `GET /users/${'x'.repeat(5_000)}/recommendations HTTP/1.0\r\n\r\n`,
    414,
    'ERR_TOO_LARGE',
  ],
  [
    'a % that encodes nothing',
    'GET /users/%zz/recommendations HTTP/1.0\r\n\r\n',
    400,
    'ERR_INVALID_REQUEST',
  ],
] as const) {
  test(`${what} gets the answer of an error`, async (t) => {
    const { port } = await listening(t);
    const socket = connect(port, '127.0.0.1');
    let said = '';
    socket.on('data', (text) => {
      said += text;
    });
    socket.on('error', () => {});
    socket.end(bytes);
    await once(socket, 'close');

    t.is(Number(/^HTTP\/1\.1 (\d+) /.exec(said)?.[1]), status);
    const { error } = JSON.parse(said.slice(said.indexOf('\r\n\r\n')));
    t.is(error.code, code);
    t.regex(error.message, /^found .*; expected .*/);
    t.true(error.message.length < 200);
  });
}

test('at the end readiness fails first, requests are still answered, then it is closed', async (t) => {
  const { url, service, events } = await listening(t);
  t.is((await fetch(`${url}/readyz`)).status, 200);

  service.drain();

  const unready = await fetch(`${url}/readyz`);
  t.is(unready.status, 503);
  t.is(unready.headers.get('connection'), 'close');
  t.is((await fetch(`${url}/users/a/recommendations`)).status, 200);
  await service.close({ drainSeconds: 0.01 });
  await t.throwsAsync(fetch(`${url}/healthz`));
  t.deepEqual(
    events.map(({ type }) => type).filter((type) => type !== 'request'),
    ['swapped', 'listening', 'draining', 'closed'],
  );
});

test('metrics count requests by route and status, lists by source, and unknown ids', async (t) => {
  const { get, post } = await serviceFor(t);
  await get('/users/a/recommendations');
  await get('/users/zed/recommendations?fallback=popular');
  await get('/users/zed/recommendations');
  await post('/interactions', { interactions: [{ user: 'eve', item: 10 }] });

  const { body, headers } = await get('/metrics');

  t.regex(headers.get('content-type')!, /^text\/plain/);
  for (const line of [
    'seesaw_http_requests_total{method="GET",route="/users/:user/recommendations",status="200"} 2',
    'seesaw_http_requests_total{method="GET",route="/users/:user/recommendations",status="404"} 1',
    'seesaw_lists_total{source="popular"} 1',
    'seesaw_unknown_ids_total{side="user"} 2',
    'seesaw_interactions_total 1',
    'seesaw_folded_users 1',
    'seesaw_model_generation 1',
    'seesaw_http_requests_in_work 1',
    'seesaw_swaps_total{result="taken"} 1',
  ]) {
    t.true(body.includes(`${line}\n`), line);
  }
});

test('the description is OpenAPI 3.1, has every route, and stays valid where the service is mounted', async (t) => {
  const { get } = await serviceFor(t);
  const { body } = await get('/openapi.json');

  t.is(body.openapi, '3.1.0');
  t.deepEqual(Object.keys(body.paths).sort(), [
    '/batch',
    '/healthz',
    '/impressions',
    '/interactions',
    '/items/{item}/similar',
    '/metrics',
    '/model',
    '/popular',
    '/readyz',
    '/recommendations',
    '/users/{user}/explanations/{item}',
    '/users/{user}/recommendations',
  ]);
  t.regex((await get('/docs')).body, /Swagger UI/);
});

test('a Fastify application keeps its own ways around a mounted service', async (t) => {
  const { default: fastify } = await import('fastify');
  const { default: swagger } = await import('@fastify/swagger');
  const service = await createService(smallModel());
  const app = fastify({ pluginTimeout: 120_000, ajv: { customOptions: { coerceTypes: false } } });
  t.teardown(async () => {
    await app.close();
    await service.close();
  });
  await app.register(swagger, { openapi: { info: { title: 'Shop', version: '1' } } });
  app.setErrorHandler((_error, _request, reply) => reply.code(418).send('mine'));
  app.get('/fails', () => {
    throw new Error('of the shop');
  });
  await app.register(service.plugin, { prefix: '/one' });
  await app.register(service.plugin, { prefix: '/two' });

  const get = async (url: string) => {
    const { statusCode, body } = await app.inject(url);
    return [statusCode, body] as const;
  };
  t.is((await get('/one/users/a/recommendations?count=2'))[0], 200);
  t.is((await get('/two/users/zed/recommendations'))[0], 404);
  t.regex((await get('/one/nowhere'))[1], /ERR_NOT_FOUND/);
  t.deepEqual(await get('/fails'), [418, 'mine']);
  t.is((await get('/nowhere'))[0], 404);
  t.is((await get('/one/docs'))[0], 200);
  const described = JSON.parse((await get('/one/openapi.json'))[1]);
  t.deepEqual(described.servers, [{ url: '/one' }]);
  t.true('/users/{user}/recommendations' in described.paths);
});
