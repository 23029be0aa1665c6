/** Adafactor's memory: of the squares of a matrix only the means of its rows and columns. */
import { count as countMeaning, flag, nonNegative, positive } from '../core/check.js'
import type { Meanings } from '../core/options.js'
import { optionsOf } from '../core/options.js'
import type { Shape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { add, div, mul, pow, square, sub } from '../numpy/arithmetic.js'
import { astype, zeros, zerosLike } from '../numpy/create.js'
import { mean } from '../numpy/reduce.js'
import { expandDims } from '../numpy/shape.js'
import * as tree from '../tree/index.js'
import { rsqrt } from '../prim/elementwise.js'
import { structureOf, tensors } from './leaves.js'
import { increment, noUpdates } from './scale.js'
import type { GradientTransformation } from './transform.js'
import { fromStep } from './transform.js'

/** Options of `scaleByFactoredRms`. */
export interface FactoredOptions {
  /** Keep only means of rows and columns where a leaf has two large axes; `true`. */
  readonly factored?: boolean
  /** The mean of update `t` forgets `1 - t^-decayRate`; 0.8. */
  readonly decayRate?: number
  /** Size that the second largest axis of a leaf must have to be factored; 128. */
  readonly minDimSizeToFactor?: number
  /** Added to the squares; 1e-30. */
  readonly eps?: number
}

/** What the options of `scaleByFactoredRms` mean. */
export const factoredMeanings: Meanings<FactoredOptions> = {
  factored: flag,
  decayRate: positive,
  minDimSizeToFactor: countMeaning,
  eps: nonNegative,
}

const factoredOf = optionsOf<FactoredOptions>(factoredMeanings)

/** State of `scaleByFactoredRms`: per leaf means of rows and columns, or (the others null) of all squares. */
export interface FactoredState {
  readonly count: Tensor
  readonly row: unknown
  readonly column: unknown
  readonly full: unknown
}

/** The next of the tensors that are kept, in the order of the leaves that keep them. */
const next = (kept: IterableIterator<Tensor>): Tensor => kept.next().value as Tensor

/** The two largest axes, smaller one first, or null where they are not large enough. */
const largest = (shape: Shape, least: number): readonly [number, number] | null => {
  const order = shape.map((_, axis) => axis).sort((a, b) => shape[a]! - shape[b]! || a - b)
  const [small, large] = order.slice(-2)
  return large === undefined || small === undefined || shape[small]! < least ? null : [small, large]
}

const without = (shape: Shape, axis: number): Shape => shape.filter((_, k) => k !== axis)

/**
 * Divides by the root of a running mean of squares that is kept, for a leaf with two large axes, as the outer product of its
 * row and column means: `n + m` numbers in place of `n * m`.
 *
 * @see https://arxiv.org/abs/1804.04235 Shazeer and Stern, Adafactor
 */
export const scaleByFactoredRms = (options: FactoredOptions = {}): GradientTransformation<readonly [FactoredState]> => {
  const { factored = true, decayRate = 0.8, minDimSizeToFactor = 128, eps = 1e-30 } = factoredOf('scaleByFactoredRms', options)
  const axesOf = (leaf: Tensor): readonly [number, number] | null => (factored ? largest(leaf.shape, minDimSizeToFactor) : null)
  const like = (params: unknown, f: (leaf: Tensor) => Tensor | null): unknown => tree.unflatten(structureOf(params), tensors(params).map(f))

  const meanOf = (g: Tensor, before: Tensor, keep: Tensor, axis?: number): Tensor => {
    const squares = add(square(g), eps)
    return add(mul(before, keep), mul(axis === undefined ? squares : mean(squares, { axis }), sub(1, keep)))
  }

  return fromStep({
    name: 'scaleByFactoredRms',
    init: (params) => ({
      count: noUpdates(),
      row: like(params, (p) => (axesOf(p) === null ? null : zeros(without(p.shape, axesOf(p)![1]), { dtype: p.dtype }))),
      column: like(params, (p) => (axesOf(p) === null ? null : zeros(without(p.shape, axesOf(p)![0]), { dtype: p.dtype }))),
      full: like(params, (p) => (axesOf(p) === null ? zerosLike(p) : null)),
    }),
    update: (updates, state: FactoredState) => {
      const count = increment(state.count)
      const [rows, columns, fulls] = [state.row, state.column, state.full].map((t) => tensors(t).values())
      const moved = tensors(updates).map((g) => {
        const axes = axesOf(g)
        const keep = sub(1, pow(astype(count, g.dtype), -decayRate))
        if (axes === null) {
          const full = meanOf(g, next(fulls!), keep)
          return { update: mul(g, rsqrt(full)), row: null, column: null, full }
        }
        const [small, large] = axes
        const row = meanOf(g, next(rows!), keep, large)
        const column = meanOf(g, next(columns!), keep, small)
        const rowAxis = small > large ? small - 1 : small
        const rowFactor = rsqrt(div(row, mean(row, { axis: rowAxis, keepdims: true })))
        const update = mul(mul(g, expandDims(rowFactor, large)), expandDims(rsqrt(column), small))
        return { update, row, column, full: null }
      })
      const structure = structureOf(updates)
      const part = (name: 'row' | 'column' | 'full'): unknown =>
        tree.unflatten(
          structure,
          moved.map((n) => n[name]),
        )
      return [
        tree.unflatten(
          structure,
          moved.map((n) => n.update),
        ),
        { count, row: part('row'), column: part('column'), full: part('full') },
      ]
    },
  })
}
