/** What runs take from the heap, beside what the plan says. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { now } from '../../../src/backend/driver/later.js'
import { compileProgram } from '../../../src/backend/wasm/program.js'
import { createHeap, type Heap } from '../../../src/backend/wasm/heap.js'
import type { Machine } from '../../../src/backend/wasm/machine.js'
import { bytesOf } from '../../../src/compile/cost.js'
import { allocatorOf } from '../../../src/backend/wasm/machine.js'
import { createLibrary, createLoad } from '../../../src/backend/wasm/modules.js'
import { createShelves } from '../../../src/backend/wasm/shelf.js'
import { createTeam } from '../../../src/backend/wasm/threads/team.js'
import { compilePlainly } from '../../../src/backend/wasm/v8.js'
import { lax, nn, np, scan, shapeDtype, trace, vjp, whileLoop, type Tensor } from '../../../src/index.js'
import { optimizeProgram } from '../../../src/extend.js'
import type { Program } from '../../../src/ir/program.js'
import { descend, makeParams } from './network.js'

/** A machine of its own, and what is taken from its heap. */
const measured = () => {
  const whole = createHeap(false)
  const team = createTeam(whole)
  const load = createLoad(whole, team.own, compilePlainly, false)
  const touched = new Set<number>()
  let most = 0
  const heap: Heap = {
    ...whole,
    alloc: (bytes, last) => {
      const address = whole.alloc(bytes, last)
      for (let line = address >>> 6; line << 6 < address + bytes; line++) touched.add(line)
      most = Math.max(most, whole.used())
      return address
    },
  }
  const machine: Machine = {
    heap,
    memory: allocatorOf(heap),
    caps: { fma: false, ordered: false, wide: false, shared: false },
    sweep: team.sweep,
    shelves: createShelves(64),
    load,
    library: createLibrary(load, false),
    compile: (program) => compileProgram(program, machine).code,
  }
  /** Runs code; bytes that were in use beyond what was before, at most. */
  const run = (code: () => readonly number[]): { readonly results: readonly number[]; readonly most: number } => {
    const before = whole.used()
    most = before
    const results = code()
    return { results, most: most - before }
  }
  return { machine, heap, run, touched }
}

const traced = (f: (...xs: Tensor[]) => readonly Tensor[], shapes: readonly (readonly number[])[], ints: readonly number[] = []): Program =>
  optimizeProgram(
    trace(f as (...xs: Tensor[]) => Tensor[], ...shapes.map((s, k) => shapeDtype(s, ints.includes(k) ? 'int32' : 'float32'))).program,
  )

/** Blocks of ones for the inputs of a Program. */
const filled = (heap: Heap, program: Program): number[] =>
  program.inputs.map(({ aval }) => {
    const address = heap.alloc(bytesOf(aval))
    heap.view(aval.dtype, address, aval.size).fill(1)
    return address
  })

describe('the memory of a run', () => {
  it.each([8, 64, 128])('is what the plan says, and hardly spread: training steps on %s images', (batch) => {
    const { machine, heap, run, touched } = measured()
    const names = Object.keys(makeParams()) as (keyof ReturnType<typeof makeParams>)[]
    const shapes = [...Object.values(makeParams()).map((p) => p.shape), [batch, 1, 28, 28], [batch]]
    const program = traced(
      (...xs) => {
        const [p, value] = descend(Object.fromEntries(names.map((n, k) => [n, xs[k]!])) as never, xs[names.length]!, xs[names.length + 1]!)
        return [...names.map((n) => p[n]), value]
      },
      shapes,
      [names.length + 1],
    )
    const donated = names.map((_, k) => k)
    const { code, memory } = compileProgram(program, machine, donated)
    const [x, y] = filled(heap, program).slice(-2)
    touched.clear()
    let params = filled(heap, program).slice(0, names.length)
    const given = program.inputs.reduce((n, { aval }) => n + bytesOf(aval), 0)
    for (let step = 0; step < 5; step++) {
      const { results, most } = run(() => now(code([...params, x!, y!])))
      // Blocks of a heap are up to a quarter larger than asked for where they are small.
      expect(most).toBeGreaterThan(0.99 * memory.peak - 4096)
      expect(most).toBeLessThan(1.01 * memory.peak + 4096)
      params = results.slice(0, -1)
      heap.free(results.at(-1)!, 4)
    }
    expect(64 * touched.size).toBeLessThan(1.1 * (memory.peak + given))
  })

  const programs: Record<string, (x: Tensor) => readonly Tensor[]> = {
    'products with packed operands': (x) => [np.matmul(np.matmul(x, x), np.transpose(x))],
    'a batch of products, axes in any order': (x) => {
      const y = np.reshape(x, [4, -1, x.shape[1]!])
      return [np.einsum('bij,bkj->kbi', y, y)]
    },
    'a strided convolution and its gradients': (x) => {
      const image = np.reshape(x, [2, 3, -1, x.shape[1]!])
      const [out, pull] = vjp(
        (i: Tensor, k: Tensor) => lax.convGeneralDilated(i, k, { strides: [2, 2], padding: 'SAME' }),
        image,
        np.ones([8, 3, 3, 3]),
      )
      return [out, ...pull(out)]
    },
    'a sort and its positions': (x) => [np.sort(x), np.argsort(x, { axis: 0 })],
    'running sums': (x) => [np.cumsum(np.exp(x), { axis: 1 })],
    softmax: (x) => [nn.softmax(x), nn.logSoftmax(x, { axis: 0 })],
    'a scan': (x) => {
      const [last, all] = scan(
        (c: Tensor, row: Tensor) => [np.tanh(np.matmul(np.add(c, row), np.matmul(np.transpose(x), x))), c],
        np.zeros([x.shape[1]!]),
        x,
      )
      return [last, all]
    },
    'a loop': (x) => [
      whileLoop(
        (v: Tensor) => np.less(np.max(v), 100),
        (v: Tensor) => np.add(np.matmul(np.mul(v, 0.5), np.eye(x.shape[1]!)), v),
        x,
      ),
    ],
    'nothing but arguments and constants': (x) => [x, np.zeros([3]), x, np.reshape(x, [-1])],
  }
  it.each(Object.entries(programs))('is at most what the plan says: %s', (_, f) => {
    fc.assert(
      fc.property(fc.constantFrom(12, 24, 240), fc.integer({ min: 4, max: 150 }), (rows, columns) => {
        const n = f === programs['products with packed operands'] ? rows : columns
        const { machine, heap, run } = measured()
        const program = traced(f, [[rows, n]])
        const { code, memory } = compileProgram(program, machine)
        const inputs = filled(heap, program)
        const used = heap.used()
        const { results, most } = run(() => now(code(inputs)))
        expect(most).toBeLessThan(1.01 * memory.peak + 4096)
        program.outputs.forEach(({ aval }, k) => {
          heap.free(results[k]!, bytesOf(aval))
        })
        expect(heap.used()).toBe(used)
      }),
      { numRuns: 6 },
    )
  })
})
