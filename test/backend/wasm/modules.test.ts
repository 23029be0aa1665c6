/** Modules as the backend compiles them: valid for another decoder, encoded as shortly as it does, and asking for no more than is probed. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { grad, lax, np, shapeDtype, trace } from '../../../src/index.js'
import { bindAll, optimizeProgram, primitives } from '../../../src/extend.js'
import type { DType, Program, Tensor } from '../../../src/index.js'
import type { AnyPrimitive } from '../../../src/extend.js'
import { createHeap } from '../../../src/backend/wasm/heap.js'
import type { Caps } from '../../../src/backend/wasm/kernel.js'
import { now } from '../../../src/backend/driver/later.js'
import { createLibrary, createLoad, type Load } from '../../../src/backend/wasm/modules.js'
import { bytesOf } from '../../../src/compile/cost.js'
import { allocatorOf, type HeapCode, type Machine } from '../../../src/backend/wasm/machine.js'
import { compileProgram } from '../../../src/backend/wasm/program.js'
import { createShelves } from '../../../src/backend/wasm/shelf.js'
import { probe } from '../../../src/backend/wasm/support.js'
import { compilePlainly } from '../../../src/backend/wasm/v8.js'
import { domains, type AnyDomain } from '../../../laws/index.js'
import { programOf } from './programs.js'
import { checked, needs, textOf, type Proposal } from './wabt.js'

/** Of a decoder that knows nothing else. */
const probed: readonly Proposal[] = ['simd', 'sat_float_to_int', 'bulk_memory']

/** The decoder with the proposals `on` takes the module, and writes the same bytes. */
const verify = (code: Uint8Array, on: readonly Proposal[]): void => {
  const again = checked(code, on)
  if (Buffer.compare(code, again) !== 0) throw new Error(`${code.length} bytes, encoded again ${again.length}:\n${textOf(code)}`)
}

describe('modules', () => {
  it('rely on what is probed before the backend is chosen', () => {
    expect(needs(probe())).toEqual(probed)
  })
})

/** A machine on which nothing runs: the modules that Programs need, under capabilities that this engine may not have. */
const recorder = (caps: Caps): { readonly machine: Machine; readonly modules: Uint8Array[] } => {
  const modules: Uint8Array[] = []
  const heap = createHeap(caps.shared)
  const load: Load = (code) => {
    modules.push(code)
    return () => ({ call: () => undefined, module: { shared: () => ({ id: 0, address: 0, length: 0, compiled: null }) }, index: 0 })
  }
  const machine: Machine = {
    heap,
    memory: allocatorOf(heap),
    caps,
    sweep: () => undefined,
    shelves: createShelves(1024),
    load,
    library: createLibrary(load, caps.shared),
    compile: (program) => compileProgram(program, machine).code,
  }
  return { machine, modules }
}

/** What an executor hands over. */
const traced = (
  f: (...xs: Tensor[]) => Tensor | readonly Tensor[],
  ...inputs: (readonly [shape: readonly number[], dtype: DType])[]
): Program => optimizeProgram(trace(f as (...xs: Tensor[]) => Tensor, ...inputs.map((x) => shapeDtype(...x))).program)

describe('a module', () => {
  it('holds the loops of layers of one kind once, be their code for one size or for any', () => {
    const bytes = (layers: number, shape: readonly number[]): readonly number[] => {
      const { machine, modules } = recorder({ fma: false, shared: false, ordered: false, wide: false })
      machine.compile(
        traced(
          (x, w, b) => Array.from({ length: layers }).reduce<Tensor>((h) => np.maximum(np.add(np.matmul(h, w), b), 0), x),
          [shape, 'float32'],
          [[shape[1]!, shape[1]!], 'float32'],
          [[shape[1]!], 'float32'],
        ),
      )
      return modules.map((m) => m.length)
    }
    for (const shape of [
      [8, 16],
      [1, 64],
    ]) {
      expect(bytes(1, shape)).not.toHaveLength(0)
      expect(bytes(6, shape)).toEqual(bytes(1, shape))
    }
  })
})

/** Every primitive, of every form of its parameters that its domain has, large tensors included. */
const single = Object.entries<AnyDomain>(domains).flatMap(([name, { values, large = [], axisName }]) =>
  axisName !== undefined
    ? []
    : [...fc.sample(values, { numRuns: 5, seed: 1 }), ...large].map(({ params, operands }) =>
        traced(
          (...xs) => bindAll(primitives[name as keyof typeof primitives] as AnyPrimitive, xs, params),
          ...operands.map((o) => [o.shape, o.dtype] as const),
        ),
      ),
)

/** A product for every kernel: of few rows, of short rows, of tiles without packing and with it, of operands that tables find. */
const products = (dtype: 'float32' | 'float64'): readonly Program[] => [
  ...[
    [2, 300, 300],
    [300, 2, 300],
    [33, 17, 20],
    [130, 140, 150],
  ].flatMap(([m, n, k]) =>
    ['ik,kj->ij', 'ki,kj->ij', 'ik,jk->ij', 'ki,jk->ij'].map((spec) => {
      const sizes: Readonly<Record<string, number>> = { i: m!, j: n!, k: k! }
      const [a, b] = spec.split(/,|->/).map((axes) => [...axes].map((x) => sizes[x]!))
      return traced((x, y) => np.einsum(spec, x, y), [a!, dtype], [b!, dtype])
    }),
  ),
  traced((x, y) => np.einsum('aibk,bkja->aij', x, y), [[3, 40, 5, 30], dtype], [[5, 30, 50, 3], dtype]),
]

/** Convolutions and both gradients: of many channels, of few, of each by itself, dilated. */
const convolutions = (dtype: 'float32' | 'float64'): readonly Program[] =>
  (
    [
      [[2, 16, 12, 12], [24, 16, 3, 3], { padding: 'SAME' }],
      [[2, 1, 20, 20], [6, 1, 5, 5], {}],
      [[2, 8, 11, 11], [8, 1, 3, 3], { groups: 8, strides: [2, 2] }],
      [[1, 4, 9], [3, 4, 2], { rhsDilation: [2] }],
    ] as const
  ).flatMap(([x, w, how]) => {
    const y = (a: Tensor, b: Tensor): Tensor => lax.convGeneralDilated(a, b, how)
    return [
      traced((a, b) => y(a, b), [x, dtype], [w, dtype]),
      traced((a, b) => grad((p: Tensor, q: Tensor) => np.sum(np.square(y(p, q))), { argnums: [0, 1] })(a, b), [x, dtype], [w, dtype]),
    ]
  })

const everything = (['float32', 'float64'] as const).flatMap((dtype) => [...products(dtype), ...convolutions(dtype)])
const random = Array.from({ length: 60 }, (_, seed) => optimizeProgram(programOf(seed)))

describe.each<[string, Partial<Caps>, readonly Proposal[]]>([
  ['one thread', {}, []],
  ['shared memory', { shared: true }, ['threads']],
  ['fused multiply-add', { fma: true }, ['relaxed_simd']],
  ['everything', { fma: true, ordered: true, wide: true, shared: true }, ['relaxed_simd', 'threads']],
])('modules for %s', (_, some, more) => {
  const { machine, modules } = recorder({ fma: false, ordered: false, wide: false, shared: false, ...some })
  const modulesOf = (programs: readonly Program[], use: (code: HeapCode, p: Program) => void = () => undefined): readonly Uint8Array[] => {
    modules.length = 0
    for (const p of programs) use(compileProgram(p, machine).code, p)
    return modules
  }
  const all = [...probed, ...more]
  it('are valid for every primitive', () => {
    const made = modulesOf(single)
    expect(made.length).toBeGreaterThan(200)
    for (const code of made) verify(code, all)
  })
  it('are valid for random programs', () => {
    const made = modulesOf(random)
    expect(made.length).toBeGreaterThan(50)
    for (const code of made) verify(code, all)
  })
  it('are valid for products and convolutions, which load theirs when they run', () => {
    const made = modulesOf(everything, (code, p) => {
      now(code(p.inputs.map((v) => machine.heap.alloc(bytesOf(v.aval)))))
    })
    expect(made.length).toBeGreaterThan(15)
    for (const code of made) verify(code, all)
    // No proposal is allowed in vain: without it some module would not do.
    for (const p of more)
      expect(
        made.some((code) => needs(code).includes(p)),
        p,
      ).toBe(true)
  })
})

describe('what other threads are given of a module', () => {
  /** A module without anything that runs, of at least so many bytes: its own section is skipped. */
  const empty = (bytes: number): Uint8Array =>
    Uint8Array.of(
      0,
      0x61,
      0x73,
      0x6d,
      1,
      0,
      0,
      0,
      0,
      ...[bytes & 127, bytes >> 7].map((n, k) => (k === 0 ? n | 128 : n)),
      0,
      ...new Uint8Array(bytes - 1),
    )

  it('is its bytes, once, and they go back to the heap when nobody holds the module', async () => {
    const heap = createHeap(false)
    const before = heap.used()
    const load = createLoad(heap, 0, compilePlainly, false)
    const code = empty(5000)
    const share = (): void => {
      const { module } = load(code)('none')
      const shared = module.shared()
      expect(module.shared()).toBe(shared)
      expect(Array.from(heap.view('bool', shared.address, shared.length))).toEqual(Array.from(code))
    }
    share()
    expect(heap.used()).toBeGreaterThan(before)
    for (let k = 0; k < 50 && heap.used() !== before; k++) {
      await new Promise((resolve) => setTimeout(resolve, 10))
      globalThis.gc!()
    }
    expect(heap.used()).toBe(before)
  })

  it('is the compiled module where it is handed, and takes nothing from the heap', () => {
    const heap = createHeap(false)
    const before = heap.used()
    const { module } = createLoad(heap, 0, compilePlainly, true)(empty(100))('none')
    expect(module.shared()).toMatchObject({ length: 0, compiled: expect.any(WebAssembly.Module) })
    expect(heap.used()).toBe(before)
  })
})
