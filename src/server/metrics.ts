import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Upper bounds in seconds, from the time of a list to more than a client waits. */
const buckets = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];

/** What gauges read when they are asked for. */
export interface Measured {
  waitingCount(): number;
  inWork(): number;
  generation(): number;
  /** Seconds since the model was taken. */
  ageSeconds(): number;
  /** Users whose interactions are not in the model. */
  foldedUsers(): number;
  isReady(): boolean;
}

/** The figures of one service, in Prometheus' format. */
export class Metrics {
  readonly registry = new Registry();
  readonly #requests = this.#counter('http_requests_total', 'Requests answered.', [
    'method',
    'route',
    'status',
  ]);
  readonly #seconds = this.#histogram('http_request_seconds', 'Time to an answer.', ['route']);
  readonly #waited = this.#histogram('queue_seconds', 'Time that lists wait before they are made.');
  readonly #scanned = this.#histogram('scan_seconds', 'Time that making a list takes.');
  readonly #lists = this.#counter('lists_total', 'Lists by where they are from.', ['source']);
  readonly #unknown = this.#counter('unknown_ids_total', 'Ids that the model does not know.', [
    'side',
  ]);
  readonly #interactions = this.#counter('interactions_total', 'Interactions acknowledged.');
  readonly #swaps = this.#counter('swaps_total', 'Changes of the model.', ['result']);

  constructor(measured: Measured) {
    this.#gauge('queue_waiting', 'Lists that wait to be made.', measured.waitingCount);
    this.#gauge('http_requests_in_work', 'Requests that are not answered yet.', measured.inWork);
    this.#gauge('model_generation', 'Number of the model in service.', measured.generation);
    this.#gauge('model_age_seconds', 'Time since that model was taken.', measured.ageSeconds);
    this.#gauge(
      'folded_users',
      'Users with interactions that are not in the model.',
      measured.foldedUsers,
    );
    this.#gauge('ready', '1 if the service is ready.', () => Number(measured.isReady()));
  }

  /** Adds the figures of the process. Once a process. */
  measureProcess(): void {
    collectDefaultMetrics({ register: this.registry });
  }

  request(method: string, route: string, status: number, seconds: number): void {
    this.#requests.inc({ method, route, status: String(status) });
    this.#seconds.observe({ route }, seconds);
  }

  waited(seconds: number): void {
    this.#waited.observe(seconds);
  }

  scanned(seconds: number): void {
    this.#scanned.observe(seconds);
  }

  list(source: string): void {
    this.#lists.inc({ source });
  }

  unknown(side: 'user' | 'item', count = 1): void {
    if (count > 0) this.#unknown.inc({ side }, count);
  }

  interactions(count: number): void {
    this.#interactions.inc(count);
  }

  swap(result: 'taken' | 'refused'): void {
    this.#swaps.inc({ result });
  }

  #counter(name: string, help: string, labelNames: string[] = []): Counter {
    return new Counter({ name: `seesaw_${name}`, help, labelNames, registers: [this.registry] });
  }

  #histogram(name: string, help: string, labelNames: string[] = []): Histogram {
    const own = { name: `seesaw_${name}`, help, labelNames, buckets };
    return new Histogram({ ...own, registers: [this.registry] });
  }

  #gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name: `seesaw_${name}`,
      help,
      registers: [this.registry],
      collect() {
        this.set(read());
      },
    });
  }
}
