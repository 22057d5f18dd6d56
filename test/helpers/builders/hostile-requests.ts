import { randomAt } from '../../../src/random.js';

/** A request that should harm no client. */
export interface HostileRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** The dense user whose list of so many items is the right answer, if that is clear. */
  readonly expected?: { readonly user: number; readonly count: number };
}

const texts = [
  ...[
    '',
    '0',
    '-1',
    '1',
    '7',
    '19',
    '20',
    '999999999999999999999',
    '1e3',
    'NaN',
    'Infinity',
    'null',
  ],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'undefined', 'true', '[]', '{}'],
  ...['../../etc/passwd', '..%2f..%2fetc%2fpasswd', '%00', '%', '%zz', '%E0%A4%A', '%F0%9F%98%80'],
  ...[
    "' OR 1=1 --",
    '<script>',
    '\u202e',
    '\u0000',
    '\r\nx-evil: 1',
    'a'.repeat(3_000),
    ',,,,',
    '1,2,3',
  ],
];
const routes = [
  ...[
    '/users/$/recommendations',
    '/users/$/explanations/$',
    '/items/$/similar',
    '/popular',
    '/batch',
  ],
  ...[
    '/recommendations',
    '/interactions',
    '/impressions',
    '/healthz',
    '/readyz',
    '/metrics',
    '/model',
  ],
  ...['/openapi.json', '/docs', '/docs/static/$', '/$', '//$', '/users', '/users//recommendations'],
];
const parameters = [
  ...[
    'count',
    'offset',
    'exclude',
    'deny',
    'allow',
    'category',
    'minScore',
    'filterSeen',
    'fallback',
  ],
  ...['rollback', '__proto__', 'x', 'count[]', ''],
];
const fields = [
  ...[
    'users',
    'user',
    'items',
    'item',
    'interactions',
    'rating',
    'count',
    'offset',
    'seconds',
    'deny',
  ],
  ...['allow', 'category', 'minScore', 'filterSeen', 'fallback', '__proto__', 'constructor', 'x'],
];
const methods = [
  'GET',
  'GET',
  'GET',
  'POST',
  'POST',
  'POST',
  'HEAD',
  'PUT',
  'DELETE',
  'OPTIONS',
  'PATCH',
];

/** The request of a number: random, the same for the same seed and number. */
export function hostileRequest(seed: number, number: number): HostileRequest {
  let drawn = 0;
  const random = () => randomAt(seed, number, drawn++);
  const below = (limit: number) => Math.floor(random() * limit);
  const pick = <Each>(list: readonly Each[]): Each => list[below(list.length)]!;
  if (random() < 0.2) {
    const [user, count] = [below(20), 1 + below(20)];
    const path = `/users/${user}/recommendations?count=${count}&filterSeen=false`;
    return { method: 'GET', path, body: undefined, headers: {}, expected: { user, count } };
  }

  const inAddress = () => (random() < 0.5 ? encodeURIComponent(pick(texts)) : pick(texts));
  const value = (depth: number): unknown => {
    const kind = below(depth > 3 ? 5 : 8);
    if (kind === 0) return pick(texts);
    if (kind === 1) return below(40);
    if (kind === 2) return (random() - 0.5) * 10 ** below(40);
    if (kind === 3) return pick([null, true, false]);
    if (kind === 4) return below(20);
    if (kind === 5) return Array.from({ length: below(6) }, () => value(depth + 1));
    // What is valid more often than chance would have it.
    if (kind === 6)
      return Array.from({ length: below(4) }, () => ({ user: below(25), item: below(40) }));
    return Object.fromEntries(
      Array.from({ length: below(5) }, () => [pick(fields), value(depth + 1)]),
    );
  };
  const path = pick(routes).replaceAll('$', () => inAddress());
  const query = Array.from({ length: below(4) }, () => `${pick(parameters)}=${inAddress()}`);
  const method = pick(methods);
  const hasBody = method !== 'GET' && method !== 'HEAD' && random() < 0.9;
  const json = JSON.stringify(value(0)) ?? '';
  return {
    method,
    path: `${path}${query.length > 0 ? `?${query.join('&')}` : ''}`,
    // Some end in the middle.
    body: hasBody ? (random() < 0.1 ? json.slice(0, below(json.length)) : json) : undefined,
    headers: {
      'content-type': pick([
        'application/json',
        'application/json',
        'text/plain',
        'application/xml',
      ]),
      ...(random() < 0.2 && { 'x-request-id': pick(['ok-1', 'a b', 'x'.repeat(300)]) }),
      ...(random() < 0.2 && { authorization: pick(['Bearer', 'Bearer x', 'Basic eDp5']) }),
      ...(random() < 0.1 && { origin: 'https://evil.example' }),
      ...(random() < 0.1 && { accept: pick(['text/html', '*/*', 'x']) }),
    },
  };
}
