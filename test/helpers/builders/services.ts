import type { ExecutionContext } from 'ava';
import type { FactorModel } from '../../../src/model/factor-model.js';
import { createService } from '../../../src/server/create-service.js';
import type { Service } from '../../../src/server/service-contract.js';
import type { ServiceEvent } from '../../../src/server/service-event.js';
import type { ServiceOptions } from '../../../src/server/service-options.js';
import { smallModel } from './models.js';

/** An answer of a service. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // What it holds is what tests look at.
  // biome-ignore lint/suspicious/noExplicitAny: JSON of many shapes.
  readonly body: any;
}

export interface TestService {
  readonly service: Service;
  readonly events: ServiceEvent[];
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
}

/** A service of a small model, asked without a socket; closed when the test ends. */
export async function serviceFor(
  t: Pick<ExecutionContext, 'teardown'>,
  options: ServiceOptions = {},
  model: FactorModel | string = smallModel(),
): Promise<TestService> {
  const events: ServiceEvent[] = [];
  const service = await createService(model, {
    ...options,
    onEvent: (event) => {
      events.push(event);
      options.onEvent?.(event);
    },
  });
  t.teardown(() => service.close());
  const ask = async (path: string, init: RequestInit): Promise<Answer> => {
    const response = await service.handler(new Request(`http://localhost${path}`, init));
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false;
    const body = isJson ? JSON.parse(text) : text;
    return { status: response.status, headers: response.headers, body };
  };
  return {
    service,
    events,
    get: (path, headers = {}) => ask(path, { headers }),
    post: (path, body, headers = {}) =>
      ask(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
  };
}

/** The ids of a list. */
export function itemIds({ body }: Answer): (string | number)[] {
  return body.items.map(({ itemId }: { itemId: string | number }) => itemId);
}
