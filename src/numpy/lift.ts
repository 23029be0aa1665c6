/** What functions accept: tensors, and numbers and booleans as scalars; promoted and broadcast to fit each other. */
import { refuse, tensorLike } from '../core/check.js'
import type { DType, Kind } from '../core/dtype.js'
import { dtypes, elementOf, isInexact, isInteger, promote } from '../core/dtype.js'
import { DTypeError, fail, ShapeError, ValueError } from '../core/errors.js'
import type { Shape } from '../core/shape.js'
import { broadcastShapes, sameShape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { isTensor, scalar } from '../core/tensor.js'
import { configure } from '../device/select.js'
import { cast } from '../prim/elementwise.js'
import { broadcast, reshape } from '../prim/structure.js'

// Whoever makes tensors needs a device to evaluate on. A call, because bundlers drop an import for effect alone.
configure({})

/** A tensor, or a number or boolean in its place. A number is weak: it takes the dtype of the tensor that it meets. */
export type TensorLike = Tensor | number | boolean

/** A tensor for every entry of a list: of a tuple, a tuple. */
export type TensorPer<X extends readonly unknown[]> = { readonly [K in keyof X]: Tensor }

/**
 * The tensor that an argument stands for: a number is a weak float32 scalar, a boolean a bool scalar.
 *
 * @throws ValueError when it is none of them.
 */
export const lift = (x: TensorLike, name = 'lift', parameter = 'x'): Tensor => {
  if (isTensor(x)) return x
  if (typeof x === 'number') return scalar(x)
  if (typeof x === 'boolean') return scalar(x ? 1 : 0, 'bool', false)
  return refuse(name, parameter, tensorLike, x)
}

/** `x` with elements of `dtype`. */
export const toDType = (x: Tensor, dtype: DType): Tensor => (x.dtype === dtype ? x : cast(x, dtype))

/** `x` itself when it is a float, else its elements as float32. */
export const toFloat = (x: TensorLike, name?: string, parameter?: string): Tensor => {
  const t = lift(x, name, parameter)
  return isInexact(t.dtype) ? t : cast(t, 'float32')
}

/** The kind that operands have in common: tensors by promotion, then numbers, which yield to them. */
export const commonKind = (xs: readonly TensorLike[]): Kind => {
  let kind: Kind | null = null
  for (const x of xs) {
    if (typeof x === 'number') continue
    const k: Kind = typeof x === 'boolean' ? { dtype: 'bool', weak: false } : x.aval
    kind = kind === null ? k : promote(kind, k)
  }
  const found: Kind = kind ?? { dtype: 'float32', weak: true }
  if (isInexact(found.dtype)) return found
  const fits = isInteger(found.dtype) ? Number.isInteger : () => false
  return xs.every((x) => typeof x !== 'number' || fits(x)) ? found : { dtype: 'float32', weak: true }
}

/**
 * The element of `dtype` that a number becomes: the one place where JavaScript's numbers turn into elements. A fraction is cut off
 * for an integer dtype, as in NumPy.
 *
 * @throws ValueError for a number that an integer dtype cannot hold: it is neither wrapped nor moved to the nearest.
 */
export const element = (name: string, value: number, dtype: DType): number => elementOf(value, dtype) ?? noElement(name, value, dtype)

const noElement = (name: string, value: number, dtype: DType): never =>
  fail(
    ValueError,
    Number.isNaN(value)
      ? `${name}: NaN is no ${dtype}: integers have none`
      : `${name}: ${value} is no ${dtype}, which holds ${dtypes[dtype].min} to ${dtypes[dtype].max}`,
    {
      fix: `${elementOf(value, 'uint32') !== undefined ? "'uint32' or 'float64'" : "'float64'"} as the dtype, or np.astype(x, 'float64') of the tensor beside it`,
    },
  )

/** An operand with elements of `dtype`; a number stays weak. @throws ValueError for a number that `dtype` cannot hold. */
export const as = (x: TensorLike, dtype: DType, name = 'lift'): Tensor =>
  typeof x === 'number' ? scalar(element(name, x, dtype), dtype) : toDType(lift(x, name), dtype)

/**
 * `x` repeated along new or size-1 axes to fill `shape`.
 *
 * @throws ShapeError when it does not fit.
 */
export const spread = (x: Tensor, shape: Shape, name = 'broadcastTo'): Tensor => {
  if (sameShape(x.shape, shape)) return x
  const lead = shape.length - x.ndim
  if (lead < 0)
    fail(ShapeError, `${name}: [${x.shape.join(',')}] has more axes than [${shape.join(',')}]`, {
      args: { x },
      fix: 'np.sumTo sums the extra axes; np.reshape or np.squeeze removes those of size 1',
    })
  const kept: number[] = []
  const axes: number[] = []
  for (let i = 0; i < x.ndim; i++) {
    const n = x.shape[i]!
    if (n !== shape[lead + i] && n !== 1)
      fail(
        ShapeError,
        `${name}: [${x.shape.join(',')}] does not broadcast to [${shape.join(',')}]: ${n} (x axis ${i}) is neither ${shape[lead + i]!} nor 1`,
        {
          args: { x },
          fix: 'sizes that are equal or 1, counted from the last axis; np.expandDims or np.reshape inserts axes of size 1',
        },
      )
    if (n === shape[lead + i]) {
      kept.push(n)
      axes.push(lead + i)
    }
  }
  return broadcast(kept.length === x.ndim ? x : reshape(x, kept), shape, axes)
}

const operandNames = ['x', 'y', 'z', 'w']

/** The name that errors give to operand `i`. */
export const operandName = (i: number): string => operandNames[i] ?? `x${i}`

/** The shape that all operands broadcast to. @throws ShapeError naming the two axes that differ. */
export const commonShape = (name: string, xs: readonly Tensor[], names: readonly string[] = operandNames): Shape => {
  const first = xs[0]!.shape
  if (xs.every((x) => sameShape(x.shape, first))) return first
  const shape = broadcastShapes(...xs.map((x) => x.shape))
  if (shape !== null) return shape
  const ndim = Math.max(...xs.map((x) => x.ndim))
  for (let a = 1; a <= ndim; a++) {
    const sized = xs.flatMap((x, i) => (x.ndim >= a && x.shape[x.ndim - a] !== 1 ? [{ i, axis: x.ndim - a, n: x.shape[x.ndim - a]! }] : []))
    const [p] = sized
    const q = sized.find((o) => o.n !== p?.n)
    if (p && q) {
      const say = (o: typeof p): string => `${o.n} (${names[o.i] ?? operandName(o.i)} axis ${o.axis})`
      return fail(ShapeError, `${name}: sizes do not broadcast: ${say(p)} and ${say(q)}`, {
        args: Object.fromEntries(xs.map((x, i) => [names[i] ?? operandName(i), x])),
        fix: 'sizes that are equal or 1, counted from the last axis; np.expandDims or np.reshape inserts axes of size 1',
      })
    }
  }
  return first
}

/** Operands promoted to one dtype and broadcast to one shape. */
export const align = (name: string, xs: readonly TensorLike[]): readonly Tensor[] => {
  const { dtype } = commonKind(xs.map((x, i) => (typeof x === 'number' || typeof x === 'boolean' ? x : lift(x, name, operandName(i)))))
  const ts = xs.map((x) => as(x, dtype, name))
  const shape = commonShape(name, ts)
  return ts.map((t) => spread(t, shape, name))
}

/** As `align`, with integers and booleans as float32. */
export const alignFloats = (name: string, xs: readonly TensorLike[]): readonly Tensor[] => {
  const { dtype } = commonKind(xs.map((x, i) => (typeof x === 'number' || typeof x === 'boolean' ? x : lift(x, name, operandName(i)))))
  const ts = xs.map((x) => as(x, isInexact(dtype) ? dtype : 'float32', name))
  const shape = commonShape(name, ts)
  return ts.map((t) => spread(t, shape, name))
}

/** Throws unless `x` is an integer or bool tensor. @throws DTypeError */
export const checkIntegral = (name: string, x: Tensor, fix = "np.astype(x, 'int32')"): Tensor =>
  isInexact(x.dtype) ? fail(DTypeError, `${name}: expected integers or booleans, got ${x.dtype}`, { args: { x }, fix }) : x
