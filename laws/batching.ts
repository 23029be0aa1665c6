/** The laws of vmap: a batch is a stack of single applications, and its derivatives are stacks of derivatives. */
import fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import type { Tensor } from '../src/index.js'
import { isInexact, jvp, vjp, vmap } from '../src/index.js'
import { directions, stream, tensorOf } from './arbitrary.js'
import { arbitrary, callable, checkAll } from './check.js'
import type { Closeness } from './compare.js'
import { elements, expectAllClose, showTensor } from './compare.js'
import type { TensorFunction } from './difference.js'
import type { LawOptions } from './law.js'
import { broken, forAll, lawOptions } from './law.js'
import { tolerance } from './tolerance.js'

/** Several inputs of one function: `samples[b]` are the arguments of application `b`. */
export type Samples = readonly (readonly Tensor[])[]

/** Where the batch lies in each argument; `null` for arguments that all applications share. */
export type InAxes = readonly (number | null)[]

/** Tensors of one aval laid side by side along a new axis. */
export const stack = (parts: readonly Tensor[], axis = 0): Tensor => {
  const { shape, dtype } = parts[0]!
  const inner = shape.slice(axis).reduce((a, b) => a * b, 1)
  const outer = shape.slice(0, axis).reduce((a, b) => a * b, 1)
  const values = parts.map(elements)
  const out: number[] = []
  for (let o = 0; o < outer; o++) for (const v of values) out.push(...v.slice(o * inner, (o + 1) * inner))
  return tensorOf(out, [...shape.slice(0, axis), parts.length, ...shape.slice(axis)], dtype)
}

/** The arguments of application `b` when those that are not batched come from the first sample. */
export const sampleAt = (samples: Samples, inAxes: InAxes, b: number): readonly Tensor[] =>
  samples[0]!.map((x, k) => (inAxes[k] === null ? x : samples[b]![k]!))

/** The arguments of the batched application. */
export const stacked = (samples: Samples, inAxes: InAxes): readonly Tensor[] =>
  samples[0]!.map((x, k) => {
    const axis = inAxes[k] ?? null
    return axis === null
      ? x
      : stack(
          samples.map((s) => s[k]!),
          axis,
        )
  })

/** Outputs of all applications, stacked. */
const stackedOutputs = (rows: readonly (readonly Tensor[])[], axis = 0): readonly Tensor[] =>
  rows[0]!.map((_, k) =>
    stack(
      rows.map((r) => r[k]!),
      axis,
    ),
  )

const applyVmap = (f: TensorFunction, inAxes: InAxes, size: number, args: readonly Tensor[], outAxes = 0): readonly Tensor[] =>
  vmap(f, { inAxes, outAxes, axisSize: size })(...args)

/** `f` inside a named axis: over the leading axis of its arguments, all of one size. */
export const inAxis =
  (f: TensorFunction, axisName: string, axisSize: number): TensorFunction =>
  (...args) =>
    vmap(f, { axisName, axisSize })(...args)

/** Checks that a function of members of a named axis has, inside the axis, the derivatives that it has seen from outside. */
export const checkCollective = (
  f: TensorFunction,
  args: readonly Tensor[],
  axisName: string,
  axisSize: number,
  next: () => number,
): void => {
  const close: Closeness = { bound: tolerance.agreement, weak: false }
  const outside = inAxis(f, axisName, axisSize)
  const n = args.length
  const vs = directions(args, next)
  const pushInside = inAxis((...both) => jvp(f, both.slice(0, n), both.slice(n))[1], axisName, axisSize)
  expectAllClose('the derivative is wrong: jvp inside the axis', pushInside(...args, ...vs), jvp(outside, args, vs)[1], close)
  const cts = directions(outside(...args), next)
  const pullInside = inAxis((...both) => vjp(f, ...both.slice(0, n))[1](both.slice(n)), axisName, axisSize)
  expectAllClose('the derivative is wrong: grad inside the axis', pullInside(...args, ...cts), vjp(outside, ...args)[1](cts), close)
}

/**
 * Checks that `vmap f` is the stack of `f` over the samples.
 *
 * @throws LawError naming the entry and both numbers.
 */
export const checkBatched = (f: TensorFunction, samples: Samples, inAxes: InAxes, outAxis = 0, closeness: Closeness = {}): void => {
  const actual = applyVmap(f, inAxes, samples.length, stacked(samples, inAxes), outAxis)
  const expected = samples.map((_, b) => f(...sampleAt(samples, inAxes, b)))
  expectAllClose(
    `vmap with inAxes [${inAxes.map(String).join(', ')}], outAxes ${outAxis}`,
    actual,
    stackedOutputs(expected, outAxis),
    closeness,
  )
}

const sum = (rows: readonly Tensor[]): Tensor => {
  const values = rows.map(elements)
  return tensorOf(
    values[0]!.map((_, i) => values.reduce((s, v) => s + v[i]!, 0)),
    rows[0]!.shape,
    rows[0]!.dtype,
  )
}

/**
 * Checks that derivatives of `vmap f` are stacks of derivatives of `f`, and `vmap` of derivatives is the same again:
 * forward, and reverse with the cotangents of shared arguments summed over the batch. All arguments are floats.
 */
export const checkBatchedDerivative = (f: TensorFunction, samples: Samples, inAxes: InAxes, next: () => number): void => {
  const size = samples.length
  const close: Closeness = { bound: tolerance.agreement, weak: false }
  const batch: TensorFunction = (...args) => applyVmap(f, inAxes, size, args)
  const rows = samples.map((_, b) => sampleAt(samples, inAxes, b))
  const shared = directions(samples[0]!, next)
  const tangents: Samples = rows.map((row) => directions(row, next).map((v, k) => (inAxes[k] === null ? shared[k]! : v)))
  const args = stacked(samples, inAxes)
  const vs = stacked(tangents, inAxes)

  const pushes = stackedOutputs(rows.map((row, b) => jvp(f, row, sampleAt(tangents, inAxes, b))[1]))
  expectAllClose('jvp of vmap', jvp(batch, args, vs)[1], pushes, close)
  const pushBoth: TensorFunction = (...both) => jvp(f, both.slice(0, args.length), both.slice(args.length))[1]
  expectAllClose('vmap of jvp', applyVmap(pushBoth, [...inAxes, ...inAxes], size, [...args, ...vs]), pushes, close)

  const cts: Samples = rows.map((row) => directions(f(...row), next))
  const pulls = rows.map((row, b) => vjp(f, ...row)[1](cts[b]!))
  const ct = stackedOutputs(cts)
  const whole = args.map((_, k) =>
    inAxes[k] === null
      ? sum(pulls.map((p) => p[k]!))
      : stack(
          pulls.map((p) => p[k]!),
          inAxes[k] ?? 0,
        ),
  )
  expectAllClose('grad of vmap', vjp(batch, ...args)[1](ct), whole, close)
  const pullBoth: TensorFunction = (...both) => vjp(f, ...both.slice(0, args.length))[1](both.slice(args.length))
  expectAllClose('vmap of grad', applyVmap(pullBoth, [...inAxes, ...ct.map(() => 0)], size, [...args, ...ct]), stackedOutputs(pulls), close)
}

/** Every choice of batched arguments except none. */
export const masks = (arity: number): readonly (readonly boolean[])[] =>
  Array.from({ length: 2 ** arity - 1 }, (_, m) => Array.from({ length: arity }, (__, k) => ((m + 1) >> k) % 2 === 1))

const show = ({ samples }: { readonly samples: Samples }): string =>
  samples.map((s, b) => `application ${b}: ${s.map((x) => showTensor(x, 16)).join('; ')}`).join('\n')

/**
 * Law: `vmap f` is the stack of `f`, for every choice of batched arguments, every position of the batch axis in them and
 * in the results, and any size of the batch.
 */
export const batching = (f: TensorFunction, inputs: Arbitrary<Samples>, options?: LawOptions): void => {
  checkAll('batching', { f: [callable, f], inputs: [arbitrary, inputs] })
  const given = lawOptions('batching', options)
  forAll(
    'vmap f is the stack of f',
    fc.record({ samples: inputs, seed: fc.nat(999) }),
    show,
    ({ samples, seed }) => {
      const next = stream(seed + 1)
      const place = (ndim: number): number => Math.floor(((next() + 1) / 2.0001) * (ndim + 1))
      const outputs = f(...samples[0]!)
      const outAxis = Math.min(...outputs.map((y) => place(y.ndim)), outputs.length === 0 ? 0 : Infinity)
      for (const mask of masks(samples[0]!.length))
        checkBatched(
          f,
          samples,
          mask.map((on, k) => (on ? place(samples[0]![k]!.ndim) : null)),
          outAxis,
        )
    },
    given,
  )
}

/** Law: vmap and differentiation commute. Arguments of `f` are floats. */
export const batchedDerivative = (f: TensorFunction, inputs: Arbitrary<Samples>, options?: LawOptions): void => {
  checkAll('batchedDerivative', { f: [callable, f], inputs: [arbitrary, inputs] })
  const given = lawOptions('batchedDerivative', options)
  forAll(
    'vmap and grad commute',
    fc.record({ samples: inputs, seed: fc.nat(999) }),
    show,
    ({ samples, seed }) => {
      if (samples.some((s) => s.some((x) => !isInexact(x.dtype)))) broken('the arguments must be floats')
      const float: TensorFunction = (...xs) => f(...xs).filter((y) => isInexact(y.dtype))
      for (const mask of masks(samples[0]!.length))
        checkBatchedDerivative(
          float,
          samples,
          mask.map((on) => (on ? 0 : null)),
          stream(seed),
        )
    },
    given,
  )
}
