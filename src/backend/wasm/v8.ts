/**
 * Options of V8 that make its WebAssembly faster: fused multiply-add (Node 20), pairs of vectors as one of 256 bits (Node 24), the best
 * code at once. Node calls changing them in a running process unsupported, so they are used only where a user asks, tried out first,
 * and set back after every compilation.
 */
import type { LoopKernel } from '../../compile/kernels.js'
import { aval } from '../../core/aval.js'
import type { Heap } from './heap.js'
import { builtin } from '../../core/builtin.js'
import type { Caps, KernelFunction } from './kernel.js'
import { elasticCode, elasticOf, emitElastic } from './loops/emit.js'
import { moduleBuilder } from './module.js'

/** Compiles the bytes of a module. */
export type Compile = (code: Uint8Array) => WebAssembly.Module

/** What there is without options. */
export const compilePlainly: Compile = (code) => new WebAssembly.Module(code as BufferSource)

/** The major version of V8; 0 in other engines. */
const version = (): number => {
  const { process } = globalThis as { process?: { versions?: { v8?: string } } }
  return Math.trunc(Number(process?.versions?.v8?.split('.')[0] ?? 0))
}

/** Set while compiling, and what sets them back. */
const flagsOf = (v8: number): readonly (readonly [string, string])[] => [
  ['--no-liftoff', '--liftoff'],
  ['--no-wasm-lazy-compilation', '--wasm-lazy-compilation'],
  ...(v8 < 12 ? [['--experimental-wasm-relaxed-simd', '--no-experimental-wasm-relaxed-simd'] as const] : []),
  ...(v8 >= 13 ? [['--experimental-wasm-revectorize', '--no-experimental-wasm-revectorize'] as const] : []),
]

/** Options that the user gave to the process are the user's. */
const given = (flag: string): boolean => {
  const { process } = globalThis as { process?: { execArgv?: readonly string[]; env?: Readonly<Record<string, string | undefined>> } }
  const name = flag.replace(/^--(no-)?/, '').replaceAll('-', '[-_]')
  return new RegExp(`--(no-)?${name}\\b`).test([...(process?.execArgv ?? []), process?.env?.['NODE_OPTIONS'] ?? ''].join(' '))
}

/** Every kind of arithmetic in one kernel: loads, products, an exponential, a selection, a store. */
const sample = (n: number): LoopKernel => ({
  kind: 'loops',
  outer: [n],
  inner: [],
  inputs: [{ kind: 'var', id: -2, aval: aval([n], 'float32') }],
  equations: [],
  values: [
    { op: 'load', input: 0, strides: [1], offset: 0, dtype: 'float32' },
    { op: 'tanh', x: 0, dtype: 'float32' },
    { op: 'mul', x: 1, y: 0, dtype: 'float32' },
    { op: 'exp', x: 0, dtype: 'float32' },
    { op: 'add', x: 2, y: 3, dtype: 'float32' },
    { op: 'lt', x: 0, y: 4, dtype: 'bool' },
    { op: 'select', test: 5, x: 4, y: 2, dtype: 'float32' },
  ],
  outputs: [{ value: 6, perRow: false, strides: [1], variable: { kind: 'var', id: -1, aval: aval([n], 'float32') } }],
})

/** The bits that `compile` computes for the sample. */
const bitsOf = (heap: Heap, caps: Caps, compile: Compile): string => {
  const n = 1024 + 3
  const m = moduleBuilder(caps.shared)
  const elastic = elasticOf(sample(n), caps)!
  emitElastic(m, 'k', elastic, caps)
  const { passes, extent = 0 } = elasticCode('k', elastic)
  const { exports } = new WebAssembly.Instance(compile(m.finish()), { env: { memory: heap.memory, own: 0 } })
  const [args, from, to] = [heap.alloc(16), heap.alloc(n * 4), heap.alloc(n * 4)]
  heap.view('float32', from, n).forEach((_, i, all) => {
    all[i] = i === 0 ? NaN : i === 1 ? -0 : i === 2 ? Infinity : (i - n / 2) / 37
  })
  heap.words().set([from, to, extent], args >>> 2)
  for (const p of passes) (exports[p.name] as unknown as KernelFunction)(args, 0, p.total)
  const bits = heap.view('int32', to, n).join()
  heap.free(args, 16)
  heap.free(from, n * 4)
  heap.free(to, n * 4)
  return bits
}

/** What the options give on this engine, and how to compile with them; `null` where they are not there or do not prove themselves. */
export const unsafe = (heap: Heap, caps: Caps): { readonly caps: Caps; readonly compile: Compile } | null => {
  const v8 = version()
  const node = builtin('node:v8') as { setFlagsFromString(flag: string): void } | undefined
  if (v8 < 11 || node === undefined) return null
  const flags = flagsOf(v8).filter(([on]) => !given(on))
  const compile: Compile = (code) => {
    for (const [on] of flags) node.setFlagsFromString(on)
    try {
      return compilePlainly(code)
    } finally {
      for (const [, off] of flags) node.setFlagsFromString(off)
    }
  }
  const fast: Caps = { ...caps, fma: true, ordered: v8 >= 13, wide: v8 >= 13 }
  try {
    // One code, two compilers: where pairs become one, not a bit may change.
    const narrow = v8 < 12 ? compile : compilePlainly
    return bitsOf(heap, fast, compile) === bitsOf(heap, fast, narrow) ? { caps: fast, compile } : null
  } catch {
    return null
  }
}
