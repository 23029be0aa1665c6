/** dotGeneral: sums of products over any axes, with any batch axes. */
import { aval, type Aval } from '../core/aval.js'
import { DTypeError, fail, ShapeError } from '../core/errors.js'
import { invert, otherAxes, range } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { bind } from '../ir/bind.js'
import type { Primitive } from '../ir/primitive.js'
import type { LoopNest } from '../kernel/loop.js'
import type { Expr } from '../kernel/scalar.js'
import { s } from '../kernel/scalar.js'
import { checkAxes, checkDType, shifted } from './define.js'
import { moveAxis, transpose } from './layout.js'

/** The axes that are summed over, pairwise, and those that run in step, pairwise. */
export type Dot = {
  readonly lhsContract: readonly number[]
  readonly rhsContract: readonly number[]
  readonly lhsBatch: readonly number[]
  readonly rhsBatch: readonly number[]
}

const freeAxes = (x: Aval, contract: readonly number[], batch: readonly number[]): number[] =>
  otherAxes(x.shape.length, [...contract, ...batch])

const checkPairs = (x: Aval, y: Aval, what: string, lhs: readonly number[], rhs: readonly number[]): void => {
  if (lhs.length !== rhs.length) fail(ShapeError, `dotGeneral: ${lhs.length} ${what} axes of x and ${rhs.length} of y`, { args: { x, y } })
  lhs.forEach((a, k) => {
    const b = rhs[k]!
    if (x.shape[a] !== y.shape[b])
      fail(ShapeError, `dotGeneral: ${what} sizes differ: ${x.shape[a]} (x axis ${a}) and ${y.shape[b]} (y axis ${b})`, { args: { x, y } })
  })
}

/**
 * The cotangent of one operand: `cy` summed with the `other` operand over the other's free axes. It comes out with
 * axes in the order batch, own free, contracted (by the other's axis number), and is transposed to the operand's.
 */
const pull = (
  cy: Tensor,
  other: Tensor,
  cyContract: readonly number[],
  own: { readonly contract: readonly number[]; readonly batch: readonly number[]; readonly free: readonly number[] },
  its: { readonly contract: readonly number[]; readonly batch: readonly number[]; readonly free: readonly number[] },
): Tensor => {
  const order = range(its.contract.length).sort((i, j) => its.contract[i]! - its.contract[j]!)
  const contracted = order.map((i) => own.contract[i]!)
  const lhs = { lhsContract: cyContract, rhsContract: its.free, lhsBatch: range(its.batch.length), rhsBatch: its.batch }
  // The other way about where that gives the operand's axes in order: then nothing is left to transpose.
  if ([...own.batch, ...contracted, ...own.free].every((a, k) => a === k))
    return dotGeneral(other, cy, { lhsContract: its.free, rhsContract: cyContract, lhsBatch: its.batch, rhsBatch: range(its.batch.length) })
  return transpose(dotGeneral(cy, other, lhs), invert([...own.batch, ...own.free, ...contracted]))
}

const sides = (x: Aval, y: Aval, p: Dot) => ({
  lhs: { contract: p.lhsContract, batch: p.lhsBatch, free: freeAxes(x, p.lhsContract, p.lhsBatch) },
  rhs: { contract: p.rhsContract, batch: p.rhsBatch, free: freeAxes(y, p.rhsContract, p.rhsBatch) },
})

/** The nest over batch, rows and columns that sums over the contracted axes. */
const productNest = (x: Aval, y: Aval, out: Aval, { lhsContract, rhsContract, lhsBatch, rhsBatch }: Dot): LoopNest => {
  const { shape, dtype } = out
  let next = lhsBatch.length
  const element = (input: number, a: Aval, batch: readonly number[], contract: readonly number[]): Expr =>
    s.load(
      input,
      a.shape.map((_, k) => {
        if (batch.includes(k)) return s.index(batch.indexOf(k))
        return s.index(contract.includes(k) ? shape.length + contract.indexOf(k) : next++)
      }),
      dtype,
    )
  const left = element(0, x, lhsBatch, lhsContract)
  const right = element(1, y, rhsBatch, rhsContract)
  return { kind: 'loops', shape, dtype, reduce: { sizes: lhsContract.map((k) => x.shape[k]!), combine: 'add' }, body: s.mul(left, right) }
}

/** `out[batch, i, j] = sum over k of x[batch, i, k] y[batch, k, j]`, for lists of axes in any position. */
export const dotGeneralP: Primitive<Dot> = {
  name: 'dotGeneral',
  shape: ([x, y], p) => {
    const [a, b] = [x!, y!]
    checkDType('dotGeneral', [a, b], 'number')
    if (a.dtype !== b.dtype) fail(DTypeError, `dotGeneral: operands differ in dtype: ${a.dtype} and ${b.dtype}`, { args: { x: a, y: b } })
    checkAxes('dotGeneral', a, [...p.lhsContract, ...p.lhsBatch])
    checkAxes('dotGeneral', b, [...p.rhsContract, ...p.rhsBatch])
    checkPairs(a, b, 'contracted', p.lhsContract, p.rhsContract)
    checkPairs(a, b, 'batch', p.lhsBatch, p.rhsBatch)
    const { lhs, rhs } = sides(a, b, p)
    const shape = [...lhs.batch.map((k) => a.shape[k]!), ...lhs.free.map((k) => a.shape[k]!), ...rhs.free.map((k) => b.shape[k]!)]
    return [aval(shape, a.dtype, a.weak && b.weak)]
  },
  linear: {
    kind: 'multilinear',
    transpose: [
      (cy, { ins: [x, y], saved }, p) => {
        const { lhs, rhs } = sides(x!, y!, p)
        return pull(
          cy,
          saved[1]!,
          range(rhs.free.length).map((k) => lhs.batch.length + lhs.free.length + k),
          lhs,
          rhs,
        )
      },
      (cy, { ins: [x, y], saved }, p) => {
        const { lhs, rhs } = sides(x!, y!, p)
        return pull(
          cy,
          saved[0]!,
          range(lhs.free.length).map((k) => lhs.batch.length + k),
          rhs,
          lhs,
        )
      },
    ],
  },
  batch: ([x, y], [xs, ys], p) => {
    const lhs = {
      lhsContract: xs === true ? shifted(p.lhsContract) : p.lhsContract,
      lhsBatch: xs === true ? shifted(p.lhsBatch) : p.lhsBatch,
    }
    const rhs = {
      rhsContract: ys === true ? shifted(p.rhsContract) : p.rhsContract,
      rhsBatch: ys === true ? shifted(p.rhsBatch) : p.rhsBatch,
    }
    if (xs === true && ys === true)
      return [dotGeneral(x!, y!, { ...lhs, ...rhs, lhsBatch: [0, ...lhs.lhsBatch], rhsBatch: [0, ...rhs.rhsBatch] })]
    // batched on one side only: the new axis is that side's first free axis
    const at = p.lhsBatch.length + (xs === true ? 0 : x!.ndim - p.lhsContract.length - p.lhsBatch.length)
    return [moveAxis(dotGeneral(x!, y!, { ...lhs, ...rhs }), at, 0)]
  },
  lower: { kind: 'routine', define: { kind: 'loops', nests: ([x, y], [out], p) => [productNest(x!, y!, out!, p)] } },
}
export const dotGeneral = (x: Tensor, y: Tensor, dot: Dot): Tensor => bind(dotGeneralP, [x, y], dot)

/** The product of two matrices. */
export const matmul = (x: Tensor, y: Tensor): Tensor => dotGeneral(x, y, { lhsContract: [1], rhsContract: [0], lhsBatch: [], rhsBatch: [] })
