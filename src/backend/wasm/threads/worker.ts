/** What a worker runs, and the words through which the main thread leads it. */

/** Positions in the control block, in int32 words. Those that threads contend for lie on cache lines of their own. */
export const word = {
  /** Number of the latest job; sleepers wait for it to change. */
  ticket: 0,
  /** Number of the job that may be joined; 0 when there is none. */
  open: 1,
  /** Workers that may join. */
  allowed: 2,
  /** Workers that have started. */
  ready: 3,
  /** Not 0 when a kernel trapped. */
  failed: 4,
  module: 5,
  address: 6,
  length: 7,
  function: 8,
  args: 9,
  total: 10,
  grain: 11,
  /** Workers inside a job. */
  active: 16,
  /** The next chunk. */
  next: 32,
  sleepers: 48,
} as const

/** Bytes of the control block. */
export const controlBytes = 256

/** What a worker is given. */
export interface Duty {
  readonly memory: WebAssembly.Memory
  /** Address of the control block. */
  readonly control: number
  /** Address of the worker's own scratch. */
  readonly own: number
  readonly index: number
}

/**
 * A worker as text, so that there is no file for bundlers to find. It spins for about 50 us after a job, then sleeps; a module is
 * compiled from its bytes in shared memory when a job first needs it (the engine shares the machine code of equal bytes), or taken from
 * the port when it has no bytes.
 */
export const workerSource = `'use strict'
const W = ${JSON.stringify(word)}
const work = ({ memory, control, own, index, port }, receive) => {
  const words = new Int32Array(memory.buffer, control, ${controlBytes / 4})
  const instances = new Map()
  const modules = new Map()
  const handed = (id) => {
    for (let m = receive(port); m !== undefined; m = receive(port)) modules.set(m.message.id, m.message.module)
    return modules.get(id)
  }
  const kernel = () => {
    const id = words[W.module]
    let functions = instances.get(id)
    if (functions === undefined) {
      const from = words[W.address] >>> 0
      const length = words[W.length]
      const module = length === 0 ? handed(id) : new WebAssembly.Module(new Uint8Array(memory.buffer, from, length).slice())
      const instance = new WebAssembly.Instance(module, { env: { memory, own } })
      functions = Object.values(instance.exports)
      if (instances.size >= 512) instances.delete(instances.keys().next().value)
      instances.set(id, functions)
    }
    return functions[words[W.function]]
  }
  const chunks = () => {
    const f = kernel()
    const args = words[W.args]
    const total = words[W.total]
    const grain = words[W.grain]
    const count = Math.ceil(total / grain)
    for (let c = Atomics.add(words, W.next, 1); c < count; c = Atomics.add(words, W.next, 1))
      f(args, c * grain, Math.min(total, (c + 1) * grain))
  }
  let seen = 0
  const joinable = () => {
    const open = Atomics.load(words, W.open)
    return open !== 0 && open !== seen && index < words[W.allowed]
  }
  Atomics.add(words, W.ready, 1)
  for (;;) {
    const ticket = Atomics.load(words, W.ticket)
    let spins = 20000
    while (!joinable() && spins > 0) spins--
    if (spins === 0) {
      Atomics.add(words, W.sleepers, 1)
      Atomics.wait(words, W.ticket, ticket)
      Atomics.sub(words, W.sleepers, 1)
      continue
    }
    Atomics.add(words, W.active, 1)
    const open = Atomics.load(words, W.open)
    if (open !== 0 && open !== seen) {
      try {
        chunks()
      } catch {
        Atomics.store(words, W.failed, 1)
      }
      seen = open
    }
    Atomics.sub(words, W.active, 1)
  }
}
if (typeof require === 'function') {
  const { workerData, receiveMessageOnPort } = require('node:worker_threads')
  work(workerData, receiveMessageOnPort)
} else onmessage = (e) => work(e.data)
`
