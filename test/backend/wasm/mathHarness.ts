/** Runs the vector functions over arrays: one exported loop for each, in one module. */
import type { DType, TypedArray } from '../../../src/core/dtype.js'
import { dtypes } from '../../../src/core/dtype.js'
import type { Body } from '../../../src/backend/wasm/code.js'
import { i32, v128 } from '../../../src/backend/wasm/instructions.js'
import type { MathContext, FourLanes, FourLocals } from '../../../src/backend/wasm/math/index.js'
import { mathContext, vectorsOf } from '../../../src/backend/wasm/math/index.js'
import { moduleBuilder } from '../../../src/backend/wasm/module.js'

/** A kernel under test: groups of inputs to one group. Bools are masks in memory too. */
export interface Case {
  readonly ins: readonly DType[]
  readonly out: DType
  readonly make: (c: MathContext, b: Body, ...xs: readonly FourLanes[]) => FourLocals
}

const storage = (d: DType): DType => (d === 'bool' ? 'int32' : d)

/** Compiles `cases`; the result runs one of them on arrays of one length. */
export const compileCases = (
  cases: ReadonlyMap<string, Case>,
  fma = false,
): ((name: string, ...xs: readonly TypedArray[]) => TypedArray) => {
  const m = moduleBuilder(false)
  const c = mathContext(m, { fma })
  for (const [name, k] of cases)
    m.func(name, ['i32', 'i32'], null, (b, args, n) => {
      const [p0, p1, p2, po] = [0, 4, 8, 12].map((at) => b.let(i32.load(args, at))) as [never, never, never, never]
      b.loop(i32.const(0), n, 4, (i) => {
        const group = (dtype: DType, p: never): FourLanes =>
          Array.from({ length: vectorsOf(dtype) }, (_, v) =>
            b.let(v128.load(i32.add(p, i32.shl(i, i32.const(dtype === 'float64' ? 3 : 2))), 16 * v)),
          )
        const y = k.make(c, b, ...k.ins.map((d, j) => group(d, [p0, p1, p2][j]!)))
        y.forEach((v, j) => b.run(v128.store(i32.add(po, i32.shl(i, i32.const(k.out === 'float64' ? 3 : 2))), v, 16 * j)))
      })
    })
  const memory = new WebAssembly.Memory({ initial: 64, maximum: 65536 })
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(m.finish() as Uint8Array<ArrayBuffer>), { env: { memory, own: 0 } })
  return (name, ...xs) => {
    const k = cases.get(name)!
    const n = xs[0]!.length
    const padded = Math.ceil(n / 4) * 4
    const at = (j: number): number => 1024 + j * padded * 8
    if (at(4) > memory.buffer.byteLength) memory.grow(Math.ceil((at(4) - memory.buffer.byteLength) / 65536))
    new Int32Array(memory.buffer, 0, 4).set([at(0), at(1), at(2), at(3)])
    const view = (d: DType, p: number): TypedArray => {
      const make = { float32: Float32Array, float64: Float64Array, int32: Int32Array, uint32: Uint32Array, bool: Int32Array }[storage(d)]
      return new make(memory.buffer, p, n)
    }
    k.ins.forEach((d, j) => {
      view(d, at(j)).set(d === 'bool' ? Array.from(xs[j]!, (v) => (v === 0 ? 0 : -1)) : xs[j]!)
    })
    ;(exports[name] as (args: number, n: number) => void)(0, n)
    const result = view(k.out, at(3))
    return k.out === 'bool' ? Uint8Array.from(result, (v) => (v === 0 ? 0 : 1)) : dtypes[k.out].from(result)
  }
}

const f64 = new Float64Array(1)
const i64 = new BigInt64Array(f64.buffer)

/** The distance of `got` from the real number `want` in units of the last place of `dtype`; 0 for equal special values, Infinity for different ones. */
export const ulps = (got: number, want: number, dtype: 'float32' | 'float64'): number => {
  const rounded = dtype === 'float32' ? Math.fround(want) : want
  if (Object.is(got, rounded) || (got === 0 && want === 0))
    return got === want && !Object.is(got, want)
      ? Infinity
      : dtype === 'float64' || !Number.isFinite(want) || !Number.isFinite(rounded)
        ? 0
        : Math.abs(got - want) / unit(want, dtype)
  if (!Number.isFinite(got) && got === got && Math.abs(rounded) > (dtype === 'float32' ? 3.4028233e38 : 1.7976931348623155e308)) return 1
  if (!Number.isFinite(got) || !Number.isFinite(rounded)) return Infinity
  return Math.abs(got - want) / unit(want, dtype)
}

/** The spacing of floats at `x`. */
const unit = (x: number, dtype: 'float32' | 'float64'): number => {
  f64[0] = x
  const exponent = Math.max(Number((i64[0]! >> 52n) & 0x7ffn) - 1023, dtype === 'float32' ? -126 : -1022)
  return dtype === 'float32' ? 2 ** (exponent - 23) : exponent < -1021 ? 2 ** -1074 : 2 ** (exponent - 52)
}

/** Numbers in [0, 1) that repeat from run to run. */
export const randoms = (seed: number): (() => number) => {
  let s = seed >>> 0
  return () => {
    s = (s + 0x6d2b79f5) >>> 0
    let t = Math.imul(s ^ (s >>> 15), 1 | s)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
