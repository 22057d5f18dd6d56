import { createService } from '../../../src/server/create-service.js';
import type { ServiceEvent } from '../../../src/server/service-event.js';
import { type HostileRequest, hostileRequest } from '../builders/hostile-requests.js';
import { randomModel } from '../builders/models.js';

/** Requests that are under way at a time. */
const atATime = 50;

/**
 * Sends so many hostile requests, and gives what went wrong: answers of 500, answers that are not the
 * JSON that they should be, lists that are not of their user, faults. Interactions go to users that no
 * list is compared for.
 */
export async function fuzzRequests(seed: number, count: number): Promise<string[]> {
  const model = randomModel({ rank: 4, users: 20, items: 30 });
  const lists = Array.from({ length: 20 }, (_, user) =>
    model.recommend(user, { count: 20, filterSeen: false }),
  );
  const problems: string[] = [];
  const onEvent = (event: ServiceEvent) => {
    if (event.type === 'fault') problems.push(event.message);
  };
  const service = await createService(model, { onEvent, adminTokens: ['an-admin-token'] });
  const send = async (request: HostileRequest) => {
    const { method, path, headers, body, expected } = request;
    const url = `http://localhost${path}`;
    let web: Request;
    try {
      web = new Request(url, { method, headers, ...(body !== undefined && { body }) });
    } catch {
      // Not even a client can send it.
      return;
    }
    const response = await service.handler(web);
    const text = await response.text();
    const shown = `${method} ${path} ${body ?? ''} → ${response.status} ${text.slice(0, 300)}`;
    if (response.status >= 500) problems.push(shown);
    const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false;
    const answer = isJson && text !== '' ? parsed(text) : {};
    if (answer === undefined) problems.push(shown);
    if (response.headers.has('x-evil')) problems.push(shown);
    if (expected === undefined || answer?.source !== 'model') return;
    const { user, count: length } = expected;
    const right = JSON.stringify(lists[user]!.slice(0, length));
    if (JSON.stringify(answer.items) !== right) problems.push(`not the list of ${user}: ${shown}`);
  };
  try {
    for (let from = 0; from < count; from += atATime) {
      const size = Math.min(atATime, count - from);
      const requests = Array.from({ length: size }, (_, n) => hostileRequest(seed, from + n));
      await Promise.all(requests.map(send));
      if (problems.length > 5) break;
    }
    const { status } = await service.handler(new Request('http://localhost/readyz'));
    if (status !== 200) problems.push(`not ready at the end: ${status}`);
  } finally {
    await service.close();
  }
  return problems;
}

// biome-ignore lint/suspicious/noExplicitAny: JSON of many shapes.
function parsed(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
