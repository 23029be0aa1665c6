/** What exported models compute beside what we do, run by onnxruntime unless said. */
import fc from 'fast-check'
import { isTensor, np, tree } from '../../../src/index.js'
import { bindAll, primitives } from '../../../src/extend.js'
import type { Tensor } from '../../../src/index.js'
import type { AnyPrimitive } from '../../../src/extend.js'
import { hostTensor } from '../../../src/core/tensor.js'
import { applications, domains, showTensor } from '../../../laws/index.js'
import type { AnyDomain, Application } from '../../../laws/index.js'
import { toOnnx } from '../../../src/onnx.js'
import { liftLeaf } from '../../../src/transforms/flat.js'
import type { Subject } from './models.js'
import { runModel } from './runtime.js'

/** A comparison: what differs, and by how much at most. */
export interface Comparison {
  /** The largest error: relative to the number, or for models to the largest number of the tensor. */
  readonly error: number
  /** Results of another type, shape or value. */
  readonly wrong: readonly string[]
  readonly bytes: number
}

const same = (a: number, e: number): boolean => a === e || (a !== a && e !== e)

/** The largest relative error, and the results beyond `bound`. `scale`: relative to the largest finite number instead of each. */
const differences = (
  what: string,
  actual: Tensor,
  expected: Tensor,
  bound: number,
  scale: boolean,
): Pick<Comparison, 'error' | 'wrong'> => {
  const kind = (x: Tensor): string => `${x.dtype}[${x.shape.join()}]`
  if (kind(actual) !== kind(expected)) return { error: Infinity, wrong: [`${what}: ${kind(actual)}, expected ${kind(expected)}`] }
  const [a, e] = [actual.toTypedArray(), expected.toTypedArray()]
  const largest = Math.max(0, ...Array.from(e, Math.abs).filter(Number.isFinite))
  // what is smaller than a normal number may be flushed to 0
  const normal = expected.dtype === 'float64' ? 2 ** -1022 : 2 ** -126
  const wrong: string[] = []
  let error = 0
  for (let i = 0; i < e.length; i++) {
    if (same(a[i]!, e[i]!)) continue
    const off = Math.abs(a[i]! - e[i]!) / Math.max(scale ? largest : Math.abs(e[i]!), normal)
    if (off <= bound) error = Math.max(error, off)
    else wrong.push(`${what}: element ${i} is ${a[i]!}, expected ${e[i]!}`)
  }
  return { error, wrong }
}

const together = (parts: readonly Pick<Comparison, 'error' | 'wrong'>[], bytes: number): Comparison => ({
  error: Math.max(0, ...parts.map((p) => p.error)),
  wrong: parts.flatMap((p) => p.wrong),
  bytes,
})

/** Runs a model: its outputs by name, for inputs in its order. */
export type Run = (bytes: Uint8Array, inputs: readonly Tensor[]) => ReadonlyMap<string, Tensor> | Promise<ReadonlyMap<string, Tensor>>

type Anything = (...xs: readonly unknown[]) => unknown

/** A model run on the arguments that are not in it, compared with `f` of all of them. */
const compareModel = async (
  bytes: Uint8Array,
  { f, options = {}, bound = 1e-5 }: Subject,
  args: readonly unknown[],
  run: Run,
): Promise<Comparison> => {
  const inputs = tree.leaves(args.filter((_, k) => options.weights?.includes(k) !== true)).map(liftLeaf)
  const results = [...(await run(bytes, inputs)).values()]
  const expected = tree.leaves((f as Anything)(...args)).map((x) => (isTensor(x) ? x : liftLeaf(x)))
  return together(
    expected.map((y, k) => differences(`output ${k}`, results[k]!, y, bound, true)),
    bytes.length,
  )
}

/** A function exported, run, and compared with what it returns here. */
export const compareSubject = async (subject: Subject, run: Run = runModel): Promise<Comparison> =>
  compareModel(toOnnx(subject.f as Anything, subject.args, subject.options), subject, subject.args, run)

/** A function exported for batches of any size, run with some: rows of its arguments in turn. */
export const compareSizes = async (subject: Subject, sizes: readonly number[], run: Run = runModel): Promise<Comparison> => {
  const bytes = toOnnx(subject.f as Anything, subject.args, subject.options)
  const rows = (x: Tensor, n: number): Tensor => np.take(x, np.mod(np.arange(n, { dtype: 'int32' }), x.shape[0]!), { axis: 0 })
  const parts = sizes.map(async (n) => {
    const args = subject.args.map((arg, k) =>
      subject.options?.batch?.includes(k) === true ? tree.map((x) => rows(x as Tensor, n), arg) : arg,
    )
    return compareModel(bytes, subject, args, run)
  })
  return together(await Promise.all(parts), bytes.length)
}

/** Primitives about whose value the standard says nothing where there is a NaN: extremes as onnxruntime takes them. */
export const openToNaN: ReadonlySet<string> = new Set([
  'reduceMax',
  'reduceMin',
  'argmax',
  'argmin',
  'logsumexp',
  'windowMax',
  'windowMin',
  'scatterReduce',
])

/** Primitives that onnxruntime gives NaN for at -Infinity, and whose left tail it computes as `1 + erf` and `1 + tanh`. */
export const gelus: ReadonlySet<string> = new Set(['geluErf', 'geluTanh'])

const replaced = (x: Tensor, what: (v: number) => boolean): Tensor =>
  hostTensor(
    x.aval,
    x.toTypedArray().map((v) => (what(v) ? 1 : v)),
  )

/** Applications of a primitive at random, as one model with the outputs of all. */
export const comparePrimitive = async (
  name: string,
  runs: number,
  seed: number,
  bound = 1e-5,
  run: Run = runModel,
): Promise<Comparison> => {
  const prim = (primitives as Readonly<Record<string, AnyPrimitive>>)[name]!
  const domain = (domains as unknown as Readonly<Record<string, AnyDomain>>)[name]!
  const drawn: readonly Application[] = fc.sample(applications(domain.values), { numRuns: runs, seed })
  const single = name === 'nextafter' ? drawn.filter((s) => s.inputs[0]!.dtype === 'float32') : drawn
  const samples = single.map((s) => ({
    ...s,
    inputs: s.inputs.map((x) =>
      openToNaN.has(name) ? replaced(x, Number.isNaN) : gelus.has(name) ? replaced(x, (v) => v === -Infinity) : x,
    ),
  }))
  const inputs = samples.flatMap((s) => s.inputs)
  const f = (...xs: readonly Tensor[]): readonly Tensor[] => {
    let at = 0
    return samples.flatMap(({ inputs: own, params }) => bindAll(prim, xs.slice(at, (at += own.length)), params))
  }
  const bytes = toOnnx(f, inputs)
  const results = [...(await run(bytes, inputs)).values()]
  const expected = f(...inputs)
  const shown = samples.flatMap(
    ({ inputs: own, params }) =>
    prim.shape(own.map((x) => x.aval), params).map(() => `${own.map((x) => showTensor(x, 8)).join(' ')} ${JSON.stringify(params)}`), // prettier-ignore
  )
  return together(
    expected.map((y, k) => differences(`${name} ${shown[k]!}`, results[k]!, y, bound, false)),
    bytes.length,
  )
}

/** The primitives that are compared: all that a model can hold, which has no functions of the host. */
export const compared: readonly string[] = Object.entries(domains as unknown as Readonly<Record<string, AnyDomain>>)
  .filter(([name, d]) => d.axisName === undefined && (primitives as Readonly<Record<string, AnyPrimitive>>)[name]!.lower.kind !== 'host')
  .map(([name]) => name)
