/** Upper ends of the histogram's buckets, in seconds: from what the index takes to what a client gives up at. */
const BUCKETS: readonly number[] = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];

/** Quantiles are those of so many of the latest requests. */
const RECENT = 1024;

interface Series {
  readonly counts: number[]; // of each bucket, all below it included
  count: number;
  sum: number;
}

/** Counts requests and how long they took. What is looked at too often to be worth counting, such as /health, is not. */
export class Meter {
  readonly #requests = new Map<string, number>(); // by labels
  readonly #seconds = new Map<string, Series>(); // by route
  readonly #recent = new Float64Array(RECENT);
  #total = 0;

  /** How many requests were recorded. */
  get total(): number {
    return this.#total;
  }

  /** `route` is a path of the service's own, never the client's text: there are few of them. */
  record(route: string, method: string, status: number, seconds: number): void {
    const labels = `route="${route}",method="${method}",status="${status}"`;
    this.#requests.set(labels, (this.#requests.get(labels) ?? 0) + 1);
    const series = this.#seconds.get(route) ?? { counts: BUCKETS.map(() => 0), count: 0, sum: 0 };
    this.#seconds.set(route, series);
    for (const [i, end] of BUCKETS.entries()) if (seconds <= end) series.counts[i]++;
    series.count++;
    series.sum += seconds;
    this.#recent[this.#total++ % RECENT] = seconds;
  }

  /** Seconds that a share of the latest requests took at most, the nearest rank; null before the first. */
  quantile(share: number): number | null {
    const times = this.#recent.slice(0, Math.min(this.#total, RECENT)).sort();
    return times[Math.max(0, Math.ceil(share * times.length) - 1)] ?? null;
  }

  /** Everything in Prometheus' text format (version 0.0.4); gauges are what holds at the moment. */
  exposition(gauges: Readonly<Record<string, { readonly help: string; readonly value: number }>>): string {
    const lines: string[] = [];
    const metric = (name: string, type: string, help: string): void => {
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    };
    metric("twotower_requests_total", "counter", "Requests answered.");
    for (const [labels, count] of this.#requests) lines.push(`twotower_requests_total{${labels}} ${count}`);
    const histogram = "twotower_request_seconds";
    metric(histogram, "histogram", "How long requests took, from their arrival to the answer.");
    for (const [route, { counts, count, sum }] of this.#seconds) {
      for (const [i, end] of BUCKETS.entries())
        lines.push(`${histogram}_bucket{route="${route}",le="${end}"} ${counts[i]}`);
      lines.push(`${histogram}_bucket{route="${route}",le="+Inf"} ${count}`);
      lines.push(`${histogram}_sum{route="${route}"} ${sum}`, `${histogram}_count{route="${route}"} ${count}`);
    }
    for (const [name, { help, value }] of Object.entries(gauges)) {
      metric(name, "gauge", help);
      lines.push(`${name} ${value}`);
    }
    return `${lines.join("\n")}\n`;
  }
}
