/**
 * Loop kernels run as a device runs them: rows in any order, all at once as far as anyone can tell. A row reads memory as it finds it and
 * writes when all of it is read; every value is computed by the arithmetic of the reference.
 */
import type { LoopKernel, Value } from '../../../src/compile/kernels.js'
import { foldingOf } from '../../../src/backend/reference/combine.js'
import { sequence } from '../../../src/backend/reference/expression.js'
import { chunk } from '../../../src/backend/reference/loop.js'
import type { TypedArray } from '../../../src/core/dtype.js'
import { dtypes } from '../../../src/core/dtype.js'
import { sizeOf } from '../../../src/core/shape.js'
import type { Expr } from '../../../src/kernel/scalar.js'
import { operandsOf, withOperands } from '../../../src/kernel/scalar.js'

/** Writes into the arrays of the outputs what is computed from those of the inputs; `random` gives numbers from 0 to 1. */
export type Rows = (inputs: readonly TypedArray[], outputs: readonly TypedArray[], random: () => number) => void

/** Fills an array with one value at the points whose positions on every axis are `at`. */
type Compute = (made: readonly TypedArray[], inputs: readonly TypedArray[], at: readonly Int32Array[], into: TypedArray) => void

const linear = (strides: readonly number[], offset: number, at: readonly Int32Array[], p: number): number =>
  strides.reduce((sum, stride, axis) => sum + stride * at[axis]![p]!, offset)

const operation = (
  v: Exclude<Value, { op: 'load' | 'gather' | 'const' | 'index' | 'reduce' }>,
  values: readonly Value[],
  n: number,
): Compute => {
  const operands = operandsOf<number>(v)
  let k = 0
  const expr = withOperands<number, Expr>(v, (x) => ({ op: 'input', index: k++, dtype: values[x]!.dtype })) as Expr
  const { steps, registers } = sequence([expr], operands.length, n)
  return (made, _, __, into) => {
    for (let from = 0; from < n; from += chunk) {
      const count = Math.min(chunk, n - from)
      const part = (x: TypedArray): TypedArray => x.subarray(from, from + count)
      const r = registers.map((given, i) =>
        i < operands.length ? part(made[operands[i]!]!) : i === operands.length ? part(into) : (given ?? new Uint8Array(0)),
      )
      for (const step of steps) step(r, count, from)
    }
  }
}

const compute = (v: Value, values: readonly Value[], n: number): Compute => {
  switch (v.op) {
    case 'load':
      return (_, inputs, at, into) => {
        const x = inputs[v.input]!
        for (let p = 0; p < n; p++) {
          const i = linear(v.strides, v.offset, at, p)
          if (!(i >= 0 && i < x.length)) throw new Error(`element ${i} of ${x.length} is read`)
          into[p] = x[i]!
        }
      }
    case 'gather':
      return (made, inputs, at, into) => {
        const x = inputs[v.input]!
        for (let p = 0; p < n; p++) {
          if (v.test !== undefined && made[v.test]![p] === 0) {
            into[p] = 0
            continue
          }
          const i = v.at.reduce((sum, k, j) => sum + v.scales[j]! * made[k]![p]!, linear(v.strides, v.offset, at, p))
          if (!(i >= 0 && i < x.length)) throw new Error(`element ${i} of ${x.length} is read`)
          into[p] = x[i]!
        }
      }
    case 'const':
      return (_, __, ___, into) => into.fill(v.value)
    case 'index':
      return (_, __, at, into) => {
        for (let p = 0; p < n; p++) into[p] = v.offset + v.scale * at[v.axis]![p]!
      }
    case 'reduce': {
      const { identity, run } = foldingOf(v.combine, v.dtype)
      return (made, _, __, into) => into.fill(run(identity, made[v.x]!, 0, n, 1))
    }
    default:
      return operation(v, values, n)
  }
}

/** Points without reductions that are computed together: a few, so that most read what others may have written. */
const lanesOf = (points: number): number => {
  let n = Math.min(points, 16)
  while (n > 1 && points % n !== 0) n--
  return n
}

/** The runner of a kernel. */
export const rowsOf = ({ outer, inner, values, outputs }: LoopKernel): Rows => {
  const sizes = [...outer, ...inner]
  const n = inner.length > 0 ? sizeOf(inner) : lanesOf(sizeOf(outer))
  const rows = n === 0 ? 0 : sizeOf(sizes) / n
  const computes = values.map((v) => compute(v, values, n))
  const at = sizes.map(() => new Int32Array(n))
  const fillPositions = (row: number): void => {
    for (let p = 0; p < n; p++)
      for (let axis = sizes.length - 1, i = row * n + p; axis >= 0; axis--) {
        at[axis]![p] = i % sizes[axis]!
        i = Math.floor(i / sizes[axis]!)
      }
  }
  return (inputs, results, random) => {
    const order = Array.from({ length: rows }, (_, k) => k)
    for (let k = rows - 1; k > 0; k--) {
      const j = Math.floor(random() * (k + 1))
      ;[order[k], order[j]] = [order[j]!, order[k]!]
    }
    const made = values.map((v) => dtypes[v.dtype].make(n))
    for (const row of order) {
      fillPositions(row)
      computes.forEach((fill, k) => {
        fill(made, inputs, at, made[k]!)
      })
      outputs.forEach(({ value, perRow, strides }, k) => {
        for (let p = 0; p < (perRow ? Math.min(1, n) : n); p++) results[k]![linear(strides, 0, at, p)] = made[value]![p]!
      })
    }
  }
}
