import { afterEach, describe, expect, it } from 'vitest'
import { grad, jit, vjp, vmap } from '../../src/index.js'
import { dtypes, type DType } from '../../src/core/dtype.js'
import { ShapeError } from '../../src/core/errors.js'
import { sizeOf } from '../../src/core/shape.js'
import { peek, type Tensor } from '../../src/core/tensor.js'
import { configure, device } from '../../src/device/select.js'
import * as np from '../../src/numpy.js'
import { concat, concatP, parts, split, splitP } from '../../src/prim/concat.js'
import type { Expr } from '../../src/kernel/scalar.js'
import { aval } from '../../src/core/aval.js'
import { interpret } from '../../src/ir/interpret.js'
import { simplify } from '../../src/ir/passes/simplify.js'
import { slice } from '../../src/prim/pad.js'
import { trace } from '../../src/ir/trace.js'
import { fastest } from '../device/counting.js'
import { build, dyadic, expectBatching, expectClose, expectDerivatives, read, tensor, values } from './subject.js'

const first = device()
afterEach(() => {
  configure({ backend: first })
})
const both = ['wasm', 'reference'] as const

/** Sizes from 0 to 3, over and over, or long ones. */
const mixed = (n: number, scale = 1): number[] => Array.from({ length: n }, (_, k) => ((k * 7) % 4) * scale)

/** Operands of `sizes` along `axis` of `shape`, and what they are joined, element by element. */
const joinable = (shape: readonly number[], axis: number, sizes: readonly number[], dtype: DType): { xs: Tensor[]; whole: Tensor } => {
  const total = sizes.reduce((a, b) => a + b, 0)
  const full = shape.map((n, k) => (k === axis ? total : n))
  const whole = tensor(
    full,
    Array.from({ length: sizeOf(full) }, (_, i) => (dtype === 'bool' ? ((i * 5) % 3) & 1 : (i * 37) % 101)),
    dtype,
  )
  let start = 0
  const xs = sizes.map((size) => {
    const from = start
    start += size
    return build(
      shape.map((n, k) => (k === axis ? size : n)),
      (at) =>
        read(
          whole,
          at.map((i, k) => (k === axis ? i + from : i)),
        ),
      dtype,
    )
  })
  return { xs, whole }
}

describe('concat and split of many', () => {
  it.each(both)('are block copies along any axis, of any dtype, eagerly and compiled: %s', (backend) => {
    configure({ backend })
    for (const dtype of Object.keys(dtypes) as DType[])
      for (const [shape, axis] of [
        [[1], 0],
        [[1, 3], 0],
        [[2, 1], 1],
        [[3, 1, 2], 1],
        [[2, 3, 1], 2],
      ] as const)
        for (const sizes of [mixed(dtype === 'float32' ? 40 : 10), mixed(12, 50), [5, 0, 2]]) {
          const { xs, whole } = joinable(shape, axis, sizes, dtype)
          for (const f of [concat, jit((ys: readonly Tensor[]) => concat(ys, axis))]) {
            const y = f(xs, axis)
            expect([y.shape, y.dtype, values(y)]).toEqual([whole.shape, dtype, values(whole)])
          }
          for (const pieces of [split(whole, axis, sizes), jit((y: Tensor) => split(y, axis, sizes))(whole), parts(whole, axis, sizes)])
            expect(pieces.map((p) => [p.shape, p.dtype, values(p)])).toEqual(xs.map((x) => [x.shape, dtype, values(x)]))
        }
  })
  it('of large values that live in the heap', () => {
    configure({ backend: 'wasm' })
    const xs = Array.from({ length: 12 }, (_, k) => np.add(np.arange(6000), k))
    const joined = concat(xs, 0)
    expect(values(joined)).toEqual(xs.flatMap(values))
    expect(split(joined, 0, new Array<number>(12).fill(6000)).map(values)).toEqual(xs.map(values))
    const rows = concat(
      xs.map((x) => np.reshape(x, [3000, 2])),
      1,
    )
    expect(values(rows).slice(24, 30)).toEqual([2, 3, 3, 4, 4, 5])
  })
  it('are lawful', () => {
    const shapes = mixed(10).map((n) => [2, n])
    const xs = shapes.map((shape, k) => dyadic(shape, 3 + k))
    expectDerivatives((...ys) => [concat(ys, 1)], xs)
    expectBatching(
      (...ys) => [concat(ys, 1)],
      xs,
      (k, shape) => dyadic(shape, 41 + k),
    )
    const x = dyadic([3, 15], 9)
    expectDerivatives((y) => split(y, 1, mixed(10)), [x])
    expectBatching(
      (y) => split(y, 1, mixed(10)),
      [x],
      (k, shape) => dyadic(shape, 43 + k),
    )
  })
  it('a part that nobody reads has a zero cotangent', () => {
    const x = dyadic([12, 2], 5)
    const g = grad((y: Tensor) => np.sum(np.mul(split(y, 0, new Array<number>(12).fill(1))[7]!, 3)))(x)
    expectClose(
      g,
      build([12, 2], ([i]) => (i === 7 ? 3 : 0)),
    )
  })
  it('refuses parts that do not add up', () => {
    expect(() => split(dyadic([4]), 0, [1, 2])).toThrow(ShapeError)
    expect(() => split(dyadic([4]), 1, [4])).toThrow(ShapeError)
    expect(() => split(dyadic([4]), 0, [5, -1])).toThrow(ShapeError)
  })
  it('is a loop nest as deep as the logarithm of its operands', () => {
    const depth = (e: Expr): number => (e.op === 'select' ? 1 + Math.max(depth(e.x), depth(e.y)) : 0)
    const ins = Array.from({ length: 4096 }, () => aval([2], 'float32'))
    const { lower } = concatP
    if (lower.kind !== 'loops') throw new Error('concat lowers to loops')
    expect(depth(lower.nests(ins, [aval([8192], 'float32')], { axis: 0 })[0]!.body)).toBe(12)
    expect(splitP.lower.kind).toBe('routine')
  })
})

describe('ten thousand operands', () => {
  const n = 10_000
  const xs = Array.from({ length: n }, (_, i) => tensor([2], [i, i + 0.5], 'float32'))
  const elements = xs.flatMap(values)

  it.each(both)('stack and concatenate, eagerly and compiled: %s', (backend) => {
    configure({ backend })
    for (const axis of [0, 1]) {
      const wanted = axis === 0 ? elements : [0, 1].flatMap((k) => elements.filter((_, i) => i % 2 === k))
      expect(values(np.stack(xs, { axis }))).toEqual(wanted)
      expect(values(jit((ys: readonly Tensor[]) => np.stack(ys, { axis }))(xs))).toEqual(wanted)
    }
    expect(values(np.concatenate(xs))).toEqual(elements)
    expect(values(jit((...ys: readonly Tensor[]) => np.concatenate(ys))(...xs))).toEqual(elements)
  })
  it.each(both)('with gradients, eagerly and compiled: %s', (backend) => {
    configure({ backend })
    const loss = (ys: readonly Tensor[]): Tensor => np.sum(np.mul(np.stack(ys), np.stack(ys)))
    for (const g of [grad(loss)(xs), jit(grad(loss))(xs)]) {
      expect(g).toHaveLength(n)
      expect(g.flatMap(values)).toEqual(elements.map((x) => 2 * x))
    }
  })
  it.each(both)('under vmap: %s', (backend) => {
    configure({ backend })
    const y = vmap((ys: readonly Tensor[]) => np.stack(ys))(xs)
    expect(y.shape).toEqual([2, n])
    expect(peek(y)[n + 7]).toBe(7.5)
  })
  it.each(both)('unstacked, with the pullback: %s', (backend) => {
    configure({ backend })
    const x = np.stack(xs)
    const [rows, pull] = vjp((y: Tensor) => np.unstack(y), x)
    expect(rows).toHaveLength(n)
    expect(rows.flatMap(values)).toEqual(elements)
    expect(values(pull(rows)[0])).toEqual(elements)
    expect(jit((y: Tensor) => np.split(y, n))(x).flatMap(values)).toEqual(elements)
  })
  it('cost in proportion', () => {
    configure({ backend: 'wasm' })
    const stack = (m: number) => (): void => {
      peek(np.stack(xs.slice(0, m)))
    }
    // 300 ms is asked for on an idle machine; four times as many may take four times as long, with a margin for a busy one.
    expect(fastest(stack(n))).toBeLessThan(300)
    expect(fastest(stack(8000), 5)).toBeLessThan(16 * fastest(stack(2000), 5) + 20)
    const compiled = (m: number) => (): void => {
      peek(jit((...ys: readonly Tensor[]) => np.stack(ys))(...xs.slice(0, m)))
    }
    expect(fastest(compiled(8000))).toBeLessThan(16 * fastest(compiled(2000)) + 50)
  })
})

describe('a slice of operands in a row', () => {
  const xs = [tensor([2, 3], [1, 2, 3, 4, 5, 6]), tensor([2, 0], []), tensor([2, 1], [7, 8]), tensor([2, 2], [9, 10, 11, 12])]
  const cut = (start: readonly number[], limit: readonly number[], step?: readonly number[]): string => {
    const sliced = (ys: readonly Tensor[]): readonly Tensor[] => [slice(concat(ys, 1), start, limit, step)]
    const avals = xs.map((x) => x.aval)
    const { program } = trace('f', sliced, avals)
    const simple = simplify(program)
    expect(interpret(simple, xs).map(values)).toEqual(sliced(xs).map(values))
    const [result] = simple.outputs
    const made = simple.equations.find((e) => e.outputs.some((y) => result!.kind === 'var' && y.id === result!.id))
    return made === undefined ? 'an operand' : `${made.prim.name} of ${made.inputs.length}`
  }
  it('reads those that it meets', () => {
    expect(cut([0, 3], [2, 4])).toBe('an operand')
    expect(cut([0, 1], [2, 3])).toBe('slice of 1')
    expect(cut([0, 2], [2, 5])).toBe('concat of 3')
    expect(cut([1, 0], [2, 6])).toBe('concat of 3')
    expect(cut([0, 2], [2, 4], [2, 1])).toBe('concat of 2')
  })
  it('stays where it steps over elements', () => {
    expect(cut([0, 0], [2, 6], [1, 2])).toBe('slice of 1')
  })
})
