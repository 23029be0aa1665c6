/** Loop nests: their bodies are evaluated over the flattened iteration, chunk by chunk, and reduced as they come. */
import type { Aval } from '../../core/aval.js'
import type { TypedArray } from '../../core/dtype.js'
import { dtypes } from '../../core/dtype.js'
import { sizeOf } from '../../core/shape.js'
import type { LoopNest } from '../../kernel/loop.js'
import type { Folding } from './combine.js'
import { foldingOf } from './combine.js'
import type { Space } from './expression.js'
import { plainLoad, sequence } from './expression.js'
import type { HostKernel } from './kernel.js'
import { chunk } from './loop.js'
import { reduceStrided } from './reduce.js'
import { copier, extent, type StridedWalk } from './strided.js'

type Nest = (inputs: readonly TypedArray[]) => TypedArray

const inside = (walk: StridedWalk, length: number): boolean => {
  const [low, high] = extent(walk)
  return low >= 0 && high < length
}

/** Evaluates the body everywhere and hands every chunk of values to `take`. */
const evaluate = (nest: LoopNest, space: Space, total: number) => {
  const { steps, registers } = sequence([nest.body], space.inputs.length, total, space)
  const filled: TypedArray[] = registers.map((r) => r ?? new Uint8Array(0))
  const value = space.inputs.length
  return (
    inputs: readonly TypedArray[],
    into: (start: number, n: number) => TypedArray,
    take: (v: TypedArray, start: number, n: number) => void,
  ): void => {
    const r = filled.slice()
    for (let k = 0; k < value; k++) r[k] = inputs[k]!
    for (let start = 0; start < total; start += chunk) {
      const n = Math.min(chunk, total - start)
      const v = (r[value] = into(start, n))
      for (let k = 0; k < steps.length; k++) steps[k]!(r, n, start)
      take(v, start, n)
    }
  }
}

/** `out[i...] = body(i...)`. */
const mapNest = (nest: LoopNest, space: Space): Nest => {
  const total = sizeOf(nest.shape)
  const make = dtypes[nest.dtype].make
  const plain = plainLoad(nest.body, space)
  if (plain !== null && total > 0 && inside(plain.walk, space.inputs[plain.input]!.size)) {
    const copy = copier(plain.walk, space.inputs[plain.input]!.size)
    return (inputs) => {
      const o = make(total)
      copy(o, inputs[plain.input]!)
      return o
    }
  }
  const run = evaluate(nest, space, total)
  return (inputs) => {
    const o = make(total)
    run(
      inputs,
      (start, n) => (total <= chunk ? o : o.subarray(start, start + n)),
      () => undefined,
    )
    return o
  }
}

/** Combines values that arrive in order, `length` of them to an output. */
const segments = (o: TypedArray, length: number, { identity, run }: Folding) => {
  let acc = identity
  return (v: TypedArray, start: number, n: number): void => {
    for (let i = 0; i < n;) {
      const out = Math.floor((start + i) / length)
      const end = Math.min(n, (out + 1) * length - start)
      acc = run(acc, v, i, end - i, 1)
      if (start + end === (out + 1) * length) {
        o[out] = acc
        acc = identity
      }
      i = end
    }
  }
}

/** `out[i...] = combine over r... of body(i..., r...)`. */
const reduceNest = (nest: LoopNest, reduce: NonNullable<LoopNest['reduce']>, inputs: readonly Aval[]): Nest => {
  const size = sizeOf(nest.shape)
  const length = sizeOf(reduce.sizes)
  const make = dtypes[nest.dtype].make
  const folding = foldingOf(reduce.combine, nest.dtype)
  if (length === 0 || size === 0) return () => make(size).fill(folding.identity)

  const space = { sizes: [...nest.shape, ...reduce.sizes], inputs }
  const plain = plainLoad(nest.body, space)
  if (plain !== null && nest.body.dtype === nest.dtype && inside(plain.walk, inputs[plain.input]!.size)) {
    const { strides, offset } = plain.walk
    const ndim = nest.shape.length
    const fold = reduceStrided(
      { sizes: nest.shape, strides: strides.slice(0, ndim), offset },
      { sizes: reduce.sizes, strides: strides.slice(ndim), offset: 0 },
      folding,
    )
    return (ins) => {
      const o = make(size)
      fold(o, ins[plain.input]!)
      return o
    }
  }
  const total = size * length
  const run = evaluate(nest, space, total)
  const makeValue = dtypes[nest.body.dtype].make
  return (ins) => {
    const o = make(size)
    const values = makeValue(Math.min(chunk, total))
    run(ins, () => values, segments(o, length, folding))
    return o
  }
}

/** The kernel of one nest per output. */
export const loopsKernel = (nests: readonly LoopNest[], inputs: readonly Aval[]): HostKernel => {
  const compiled = nests.map((nest) =>
    nest.reduce === undefined ? mapNest(nest, { sizes: nest.shape, inputs }) : reduceNest(nest, nest.reduce, inputs),
  )
  if (compiled.length === 1) {
    const only = compiled[0]!
    return (ins) => [only(ins)]
  }
  return (ins) => compiled.map((nest) => nest(ins))
}
