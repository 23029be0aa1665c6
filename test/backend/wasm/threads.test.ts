/** Threads share the work and change nothing; values stay in the backend's memory until they are read or donated. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { configure, grad, jit, np, random, reference, type Tensor } from '../../../src/index.js'
import { wasm } from '../../../src/wasm.js'
import { createHeap } from '../../../src/backend/wasm/heap.js'
import { i32 } from '../../../src/backend/wasm/instructions.js'
import { moduleBuilder, own } from '../../../src/backend/wasm/module.js'
import { createLoad } from '../../../src/backend/wasm/modules.js'
import { createTeam } from '../../../src/backend/wasm/threads/team.js'
import { compilePlainly } from '../../../src/backend/wasm/v8.js'
import { expectClose } from '../../expectClose.js'

const soon = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

describe('a team', () => {
  const heap = createHeap(true)
  const team = createTeam(heap)
  const load = createLoad(heap, team.own, compilePlainly, false)
  const args = heap.alloc(64)
  const n = 1 << 16
  const out = heap.alloc(n * 4)
  const ready = async (): Promise<void> => {
    for (let k = 0; k < 200 && team.workers() === 0; k++) await soon(10)
  }

  /** Writes 3 i + 1 at i by way of the thread's own scratch; notes in `args[1]` that a scratch other than the main thread's was seen. */
  const code = moduleBuilder(true)
  code.func('fill', ['i32', 'i32', 'i32'], null, (b, at, begin, end) => {
    const to = b.let(i32.load(at))
    b.if(i32.ne(own, i32.const(team.own)), () => b.run(i32.store(at, i32.const(1), 4)))
    b.loop(begin, end, 1, (i) => {
      b.run(i32.store(own, i32.add(i32.mul(i, i32.const(3)), i32.const(1))))
      b.run(i32.store(i32.add(to, i32.shl(i, i32.const(2))), i32.load(own)))
    })
  })
  code.func('trap', ['i32', 'i32', 'i32'], null, (b, at) => {
    b.if(i32.ne(own, i32.const(team.own)), () => b.run(i32.store(i32.const(-4), i32.load(at))))
    b.loop(i32.const(0), i32.const(100_000), 1, (i) => b.run(i32.store(own, i)))
  })
  const kernel = load(code.finish())
  const fill = (grain: number): Int32Array => {
    heap.words()[args >>> 2] = out
    heap.view('int32', out, n).fill(0)
    team.sweep(kernel('fill'), args, n, grain, 1e6)
    return heap.view('int32', out, n) as Int32Array
  }

  it('does every chunk once, whoever does it', async () => {
    team.limit(3)
    fill(100)
    await ready()
    expect(team.workers()).toBeGreaterThan(0)
    heap.words()[(args >>> 2) + 1] = 0
    for (const grain of [1, 7, 100, n - 1, n]) {
      const got = fill(grain)
      expect(got.every((v, i) => v === 3 * i + 1)).toBe(true)
    }
    expect(heap.words()[(args >>> 2) + 1], 'a worker took part').toBe(1)
  })

  it('says when a worker failed, and works on', async () => {
    team.limit(2)
    fill(100)
    await ready()
    let failed = 0
    for (let k = 0; k < 50 && failed === 0; k++) {
      try {
        team.sweep(kernel('trap'), args, 1000, 1, 1e6)
      } catch (error) {
        expect(String(error)).toMatch(/DeviceError: wasm: a worker thread did not finish/)
        failed++
      }
    }
    expect(failed).toBe(1)
    expect(fill(10).every((v, i) => v === 3 * i + 1)).toBe(true)
    await soon(50)
    expect(fill(10).every((v, i) => v === 3 * i + 1)).toBe(true)
  })
})

describe('values in the memory of the backend', () => {
  beforeAll(() => {
    configure({ backend: wasm })
  })
  afterAll(() => {
    configure({ backend: reference, threads: 1 })
  })
  const x = (): Tensor => random.normal(random.key(3), [130, 77])

  it('are the same for every number of threads', async () => {
    const f = jit(grad((w: Tensor) => np.sum(np.tanh(np.matmul(np.transpose(w), np.exp(w))))))
    const run = (threads: number): Uint8Array => {
      configure({ threads })
      return new Uint8Array(f(random.normal(random.key(1), [300, 200])).toTypedArray().buffer)
    }
    const one = run(1)
    run(4)
    await soon(200)
    for (const n of [2, 3, 4]) expect(run(n)).toEqual(one)
    expect(() => {
      configure({ threads: 0 })
    }).toThrow(/configure: threads must be a whole number from 1 to 1024, got 0/)
  })

  it('can be read, used on another backend, reshaped and donated', () => {
    const a = np.mul(x(), 2)
    const flat = np.reshape(a, [-1])
    const sum = np.sum(a).item()
    const next = jit((v: Tensor) => np.add(v, 1), { donate: [0] })(a)
    expect(() => a.toArray()).toThrow(/donated to a jitted function/)
    expect(np.sum(flat).item()).toBe(sum)
    expect(Math.fround(flat.toTypedArray()[5]! + 1)).toBe(next.toTypedArray()[5])
    configure({ backend: reference })
    expect(np.sum(np.sub(next, np.add(np.reshape(flat, [130, 77]), 1))).item()).toBe(0)
    configure({ backend: wasm })
  })

  it('stay the same value when they are donated', () => {
    const step = jit((w: Tensor, g: Tensor) => np.sub(w, np.mul(0.5, g)), { donate: [0] })
    const g = x()
    let w = np.zeros([130, 77])
    for (let k = 0; k < 10; k++) w = step(w, g)
    const [got, one] = [w.toTypedArray(), g.toTypedArray()]
    const stepped = (slope: number): number => {
      let expected = 0
      for (let k = 0; k < 10; k++) expected = Math.fround(expected - Math.fround(0.5 * slope))
      return expected
    }
    expect(got.length).toBe(130 * 77)
    expectClose(got, one.map(stepped), { atol: 0 })
  })
})
