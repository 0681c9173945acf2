import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Engine } from './engine.ts'

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3000]

/** Numbers for Prometheus, from what the engine tells and from what it is when asked. */
export class Metrics {
  readonly #registry = new Registry()
  readonly #engine: Engine

  constructor(engine: Engine) {
    this.#engine = engine
    const registers = [this.#registry]
    const calls = new Counter({ name: 'applyd_calls_total', help: 'Calls by algorithm and outcome: ok, an error_type, or why it was refused', labelNames: ['algorithm', 'outcome'], registers })
    const seconds = new Histogram({ name: 'applyd_call_duration_seconds', help: 'From admission to outcome, waiting included', labelNames: ['algorithm'], buckets: SECONDS, registers })
    const kills = new Counter({ name: 'applyd_kills_total', help: 'Workers that were ended, or ended themselves, by cause', labelNames: ['algorithm', 'cause'], registers })
    const bytes = new Counter({ name: 'applyd_payload_bytes_total', help: 'Bytes of inputs and results', labelNames: ['algorithm', 'direction'], registers })
    engine.events.on('call', ({ algorithm, outcome, totalMs, bytesIn, bytesOut }) => {
      calls.inc({ algorithm, outcome })
      seconds.observe({ algorithm }, totalMs / 1000)
      bytes.inc({ algorithm, direction: 'in' }, bytesIn)
      bytes.inc({ algorithm, direction: 'out' }, bytesOut)
    })
    engine.events.on('kill', ({ algorithm, cause }) => kills.inc({ algorithm, cause }))
    this.#gauge('applyd_open_calls', 'Calls that have no outcome yet', (gauge) => gauge.set(engine.openCalls))
    this.#gauge('applyd_queue_length', 'Calls that wait for a worker', (gauge) => {
      for (const [version, runner] of engine.active) gauge.set({ algorithm: version.ref }, runner.waiting)
    }, ['algorithm'])
    this.#gauge('applyd_workers', 'Workers by state', (gauge) => {
      for (const [version, runner] of engine.active) {
        for (const state of ['starting', 'idle', 'busy'] as const) gauge.set({ algorithm: version.ref, state }, runner.countLanes(state))
      }
    }, ['algorithm', 'state'])
    this.#gauge('process_resident_memory_bytes', "The server's own memory, without its worker processes", (gauge) => gauge.set(process.memoryUsage.rss()))
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  /** The numbers in Prometheus's text format. */
  render(): Promise<string> {
    return this.#registry.metrics()
  }

  #gauge(name: string, help: string, read: (gauge: Gauge) => void, labelNames: string[] = []): void {
    const collect = function (this: Gauge): void {
      this.reset()
      read(this)
    }
    new Gauge({ name, help, labelNames, registers: [this.#registry], collect })
  }
}
