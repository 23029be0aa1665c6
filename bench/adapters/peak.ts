/** The physical limit: how long this machine needs for as many 128-bit multiplications and additions, or as much memory traffic. */
import { Worker } from 'node:worker_threads'
import { now } from '../clock.js'
import { flopsPerTurn, peakModule } from './peak-module.js'

type Exports = Readonly<Record<'compute' | 'read' | 'scale', (...numbers: number[]) => unknown>>
type Job = readonly [name: keyof Exports, ...numbers: number[]]

/** Runs jobs as they come: its word of the flags says which one is done. */
const worker = `
const { workerData: { module, memory, flags, k }, parentPort } = require('node:worker_threads')
const code = new WebAssembly.Instance(module, { env: { memory } }).exports
parentPort.on('message', ([name, ...numbers]) => {
  Atomics.add(flags, 0, 1)
  while (Atomics.load(flags, 0) < flags[1]) {}
  code[name](...numbers)
  Atomics.add(flags, k, 1)
  Atomics.notify(flags, k)
})`

/** Megabytes that may be read or written at most; larger traffic is scaled from this. */
const room = 2 ** 27

/** Seconds for a workload's flops and for its traffic, whichever is more, on some threads. */
export type Peak = (flops: number, traffic: { readonly read: number; readonly write: number }) => number

/** Measures, on each call anew. */
export const peak = (threads: number): Peak => {
  const memory = new WebAssembly.Memory({ initial: (2 * room) / 65536 + 8, maximum: 65536, shared: true })
  new Uint8Array(memory.buffer).fill(1)
  const module = peakModule()
  const code = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Exports
  const flags = new Int32Array(new SharedArrayBuffer(4 * (threads + 2)))
  const workers = Array.from({ length: threads - 1 }, (_, i) => {
    const w = new Worker(worker, { eval: true, workerData: { module, memory, flags, k: i + 2 } })
    w.unref()
    return w
  })

  /** Seconds from the moment all threads are there until all are done. */
  const together = (job: (k: number) => Job): number => {
    flags.fill(0)
    flags[1] = threads
    workers.forEach((w, i) => w.postMessage(job(i + 1)))
    Atomics.add(flags, 0, 1)
    while (Atomics.load(flags, 0) < threads);
    const start = now()
    const [name, ...numbers] = job(0)
    code[name](...numbers)
    workers.forEach((_, i) => Atomics.wait(flags, i + 2, 0))
    return now() - start
  }

  const compute = (flops: number): number => {
    const turns = 200_000
    return (together(() => ['compute', 0, turns]) * flops) / (turns * flopsPerTurn * threads)
  }

  const move = (bytes: number, job: 'read' | 'scale'): number => {
    const one = Math.max(128, Math.min(room, Math.ceil(bytes / threads / (job === 'read' ? 1 : 2) / 128) * 128))
    const most = Math.floor(room / threads / 128) * 128
    const length = Math.min(one, most)
    const repeats = Math.max(1, Math.floor(2e6 / length))
    let best = Infinity
    for (let r = 0; r < Math.min(repeats, 20); r++) {
      const seconds = together((k) => [job, k * length, (k + 1) * length, ...(job === 'scale' ? [room + 2176 + k * length] : [])])
      best = Math.min(best, seconds)
    }
    return (best * bytes) / (length * threads * (job === 'read' ? 1 : 2))
  }

  for (let k = 0; k < 30; k++) compute(1)
  for (let k = 0; k < 30; k++) move(2 ** 20, k % 2 === 0 ? 'read' : 'scale')
  return (flops, { read, write }) => {
    const both = Math.min(read, write)
    return Math.max(
      flops === 0 ? 0 : compute(flops),
      (both > 0 ? move(2 * both, 'scale') : 0) + (read > write ? move(read - write, 'read') : 0),
    )
  }
}
