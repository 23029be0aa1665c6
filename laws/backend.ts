/** The definition of being a backend: for every primitive, on every kind of input, the values of the reference. */
import type { Arbitrary } from 'fast-check'
import type { Aval, Program, Tensor, TypedArray } from '../src/index.js'
import type { AnyPrimitive, Backend, Memory } from '../src/extend.js'
import { printProgram, reference, shapeDtype, trace } from '../src/index.js'
import { bindAll, controlPrimitives, hostTensor, optimizeProgram, primitives } from '../src/extend.js'
import { check, flag, having, listOf, nonNegative, optionsOf, record, text } from './check.js'
import { elements, expectAllClose } from './compare.js'
import type { AnyDomain, Application } from './domain.js'
import { applications, tiled } from './domain.js'
import { controlDomains } from './domains/control.js'
import { domains } from './domains/index.js'
import type { LawOptions } from './law.js'
import { broken, forAll, forAllAsync, lawMeanings } from './law.js'
import { showApplication } from './primitive.js'
import type { RandomProgram } from './program.js'
import { programs } from './program.js'
import { sums, ulps } from './tolerance.js'

/** What `backend` takes besides the options of laws. */
export interface BackendOptions extends LawOptions {
  /** Primitives to try, all by default. */
  readonly only?: readonly string[]
  /** Bounds in units in the last place by primitive, instead of the table's. */
  readonly ulp?: Readonly<Record<string, number>>
  /** Units in the last place, per result, for whole random programs; 16 by default. */
  readonly programUlp?: number
  /** Whether large arrays are tried too, true by default; without them it is a quicker and weaker law. */
  readonly large?: boolean
}

const backendOf = optionsOf<BackendOptions>({ ...lawMeanings, only: listOf(text), ulp: record, programUlp: nonNegative, large: flag })
const aBackend = having('a backend', 'reference, or a record of compile, put, get, supports', 'compile', 'put', 'get', 'supports')

/** One Program with inputs, to be run on both backends. */
interface Case {
  readonly program: Program
  readonly inputs: readonly Tensor[]
  /** The inputs that are given away. */
  readonly donate?: readonly number[]
}

/** The Program of one equation, or of what an inline primitive stands for. */
const programOf = (prim: AnyPrimitive, { inputs, params }: Application): Case => {
  const avals = inputs.map((x) => x.aval)
  if (prim.lower.kind === 'inline') {
    const { lower } = prim
    const { program, captures } = trace(
      (...xs: readonly Tensor[]) => lower.run(xs, params),
      ...avals.map((a) => shapeDtype(a.shape, a.dtype)),
    )
    return { program, inputs: [...captures, ...inputs] }
  }
  let id = 0
  const fresh = (aval: Aval) => ({ kind: 'var', id: id++, aval }) as const
  const [ins, outs] = [avals.map(fresh), prim.shape(avals, params).map(fresh)]
  return { program: { inputs: ins, equations: [{ prim, inputs: ins, params: params, outputs: outs, scope: '' }], outputs: outs }, inputs }
}

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)
const turned = (x: Tensor): Tensor =>
  bindAll(primitives.transpose, bindAll(primitives.reverse, [x], { axes: range(x.ndim) }), { perm: range(x.ndim).reverse() })[0]!
const restored = (x: Tensor): Tensor =>
  bindAll(primitives.reverse, bindAll(primitives.transpose, [x], { perm: range(x.ndim).reverse() }), { axes: range(x.ndim) })[0]!

/** The same application reading every input backwards and across its memory order. */
const strided = (prim: AnyPrimitive, { inputs, params }: Application): Case => {
  const { program, captures } = trace(
    (...xs: readonly Tensor[]) => bindAll(prim, xs.map(restored), params),
    ...inputs.map((x) => turned(x)),
  )
  return { program: optimizeProgram(program), inputs: [...captures, ...inputs.map(turned)] }
}

const outputAvals = (program: Program): readonly Aval[] => program.outputs.map((a) => a.aval)

/** Compiles and runs; the arrays handed over are compared with what they held, so that a backend that writes into them is seen. */
const start = (
  backend: Backend,
  { program, inputs, donate = [] }: Case,
): { readonly results: readonly unknown[]; readonly unharmed: () => void } => {
  const arrays = inputs.map((x) => x.toTypedArray())
  const results = backend.compile(program, { donate })(arrays.map((data, k) => backend.put(data, inputs[k]!.aval)))
  const unharmed = (): void => {
    inputs.forEach((x, k) => {
      if (!donate.includes(k) && elements(x).some((v, i) => !Object.is(v, arrays[k]![i])))
        broken(`${backend.name} wrote into input ${k}, which was not donated`)
    })
  }
  return { results, unharmed }
}

const tensorsOf = (program: Program, data: readonly TypedArray[]): readonly Tensor[] =>
  outputAvals(program).map((a, k) => hostTensor(a, data[k]!))

const runNow = (backend: Backend, run: Case): readonly Tensor[] => {
  const { results, unharmed } = start(backend, run)
  const read: Memory['get'] = (buffer, a) => backend.get(buffer, a)
  const data = outputAvals(run.program).map((a, k) => {
    const array = read(results[k], a)
    return array instanceof Promise ? broken(`${backend.name} is read asynchronously: use laws.asyncBackend`) : array
  })
  unharmed()
  return tensorsOf(run.program, data)
}

const runLater = async (backend: Backend, run: Case): Promise<readonly Tensor[]> => {
  const { results, unharmed } = start(backend, run)
  const data = await Promise.all(outputAvals(run.program).map(async (a, k) => backend.get(results[k], a)))
  unharmed()
  return tensorsOf(run.program, data)
}

const supported = (backend: Backend, { program }: Case): boolean =>
  [...program.inputs, ...program.equations.flatMap((e) => e.outputs)].every((v) => backend.supports(v.aval.dtype))

/** A law to be run: many cases of one kind, and how near the results must be. */
interface Trial {
  readonly name: string
  readonly cases: Arbitrary<{ readonly run: Case; readonly text: string }>
  readonly ulp: number
  readonly numRuns: number
  /** Large inputs are reported as they are. */
  readonly large: boolean
  /** Whether it is of whole Programs, in which sums cancel: there an ulp is one of the largest number around. */
  readonly whole: boolean
}

/** What has a domain: control flow first, because what holds Programs runs most of what there is. */
const enrolled: Readonly<Record<string, AnyPrimitive>> = { ...controlPrimitives, ...primitives }
const named: Readonly<Record<string, AnyDomain>> = { ...controlDomains, ...domains }
const holdsPrograms = (name: string): boolean => Object.hasOwn(controlPrimitives, name)

/** The same run with every input given away. */
const donated = (run: Case): Case => ({ ...run, donate: range(run.inputs.length) })

const givenAway = (name: string, cases: Trial['cases'], ulp: number, numRuns: number): Trial => ({
  name: `${name}, donated`,
  cases: cases.map(({ run, text }) => ({ run: donated(run), text })),
  ulp,
  numRuns,
  large: false,
  whole: true,
})

/** All that a backend is tried with. */
const trialsOf = ({ only, ulp = {}, programUlp = 16, numRuns = 60, large = true }: BackendOptions): readonly Trial[] => {
  const chosen = Object.entries(enrolled).filter(
    ([name]) => (only === undefined || only.includes(name)) && named[name]!.axisName === undefined,
  )
  const single = chosen.flatMap(([name, prim]): readonly Trial[] => {
    const domain = named[name]!
    const toCase = (application: Application) => ({ run: programOf(prim, application), text: showApplication(name, application) })
    const whole = holdsPrograms(name)
    const bound = ulp[name] ?? (whole ? programUlp : (ulps[name] ?? 0))
    const given = applications(domain.values).map(toCase)
    return [
      { name, cases: given, ulp: bound, numRuns, large: false, whole },
      ...(whole ? [givenAway(name, given, bound, Math.ceil(numRuns / 2))] : []),
      {
        name: `${name}, strided`,
        cases: applications(domain.values).map((application) => ({
          run: strided(prim, application),
          text: showApplication(name, application),
        })),
        ulp: bound,
        numRuns: Math.ceil(numRuns / 2),
        large: false,
        whole,
      },
      ...(large ? (domain.large ?? []) : []).map((site) => ({
        name: `${name}, large`,
        cases: tiled(site).map(toCase),
        ulp: bound,
        numRuns: 1,
        large: true,
        whole,
      })),
    ]
  })
  const random = programs(12).map(({ f, inputs }: RandomProgram) => {
    const { program, captures } = trace(f, ...inputs)
    // as an executor hands it over: optimised, and without primitives that stand for others
    return { run: { program: optimizeProgram(program), inputs: [...captures, ...inputs] }, text: printProgram(program) }
  })
  const whole: Trial = { name: 'random programs', cases: random, ulp: programUlp, numRuns: numRuns * 2, large: false, whole: true }
  return only === undefined ? [...single, whole, givenAway('random programs', random, programUlp, numRuns)] : single
}

/**
 * What huge elements leave in each entry when they cancel in another order: some roundings of the sum of magnitudes, which
 * is the same Program on magnitudes; anything where that overflows. Zero for entries without huge elements.
 */
const cancellation = ({ program, inputs }: Case): readonly (readonly number[])[] => {
  const magnitudes = inputs.map((x) => {
    const data = x.toTypedArray()
    if (data instanceof Float32Array || data instanceof Float64Array)
      data.forEach((v, i) => (data[i] = Number.isFinite(v) ? Math.abs(v) : 0))
    return hostTensor(x.aval, data)
  })
  return runNow(reference, { program, inputs: magnitudes }).map((sum) => {
    const eps = sum.dtype === 'float32' ? 2 ** -23 : 2 ** -52
    return elements(sum).map((size) => (size < 1e6 ? 0 : 2 ** 6 * eps * size))
  })
}

/** Sums of logarithms: near a sum of 1 the larger operand cancels, so what rounding leaves is counted in the size of the operands. */
const logarithms: ReadonlySet<string> = new Set(['logaddexp', 'logaddexp2'])

const ofOperands = ({ inputs: [x, y] }: Case, ulp: number): readonly (readonly number[])[] => {
  const eps = x!.dtype === 'float32' ? 2 ** -23 : 2 ** -52
  const ys = elements(y!)
  const size = (v: number): number => (Number.isFinite(v) ? Math.abs(v) : 0)
  return [elements(x!).map((v, i) => (ulp * eps * Math.max(1, size(v), size(ys[i]!))) / 2)]
}

/**
 * What a division by a long sum of rounded numbers leaves, when a backend sums in another order: half the root of their number of
 * roundings, which is how far sums of independent roundings part.
 */
const ofLongSums = ({ inputs: [x] }: Case, [y]: readonly Tensor[]): readonly (readonly number[])[] => {
  const eps = x!.dtype === 'float32' ? 2 ** -23 : 2 ** -52
  const share = x!.size < 4096 ? 0 : (Math.sqrt(x!.size) / 2) * eps
  return [elements(y!).map((v) => (Number.isFinite(v) ? share * Math.abs(v) : 0))]
}

const compare = (backend: Backend, run: Case, actual: readonly Tensor[], { ulp, name, whole }: Trial): void => {
  const expected = runNow(reference, run)
  if (whole) return expectAllClose(backend.name, actual, expected, { bound: ulp * 2 ** -52 })
  const primitive = name.split(',')[0]!
  const slack = sums.has(primitive)
    ? cancellation(run)
    : logarithms.has(primitive)
      ? ofOperands(run, ulp)
      : primitive === 'softmax'
        ? ofLongSums(run, expected)
        : []
  expectAllClose(backend.name, actual, expected, { ulp, signedZeros: true }, slack)
}

/** How often a trial is run, and with which seed. */
const runsOf = ({ seed, shrink = true }: BackendOptions, { numRuns, large }: Trial): LawOptions => ({
  numRuns,
  shrink: shrink && !large,
  ...(seed === undefined ? {} : { seed }),
})

/**
 * A backend gives what the reference gives, for every primitive of the library, those that hold Programs included, and for random
 * programs, within the bounds of `ulps`: every dtype it supports, every form of the parameters, empty, odd and large shapes, strided reads, NaN,
 * infinities, ties, negative zeros. Its inputs stay as they were, unless they are donated.
 *
 * @throws LawError naming the primitive, the shrunk input and the entry.
 * @example
 * laws.backend(reference, { numRuns: 1 })
 */
export const backend = (subject: Backend, options?: BackendOptions): void => {
  check('backend', 'subject', aBackend, subject)
  const given = backendOf('backend', options)
  for (const trial of trialsOf(given))
    forAll(
      `${subject.name} is the reference: ${trial.name}`,
      trial.cases,
      (c) => c.text,
      (c) => {
        if (supported(subject, c.run)) compare(subject, c.run, runNow(subject, c.run), trial)
      },
      runsOf(given, trial),
    )
}

/** As `backend`, for backends whose memory is read asynchronously. Rejects with a LawError. */
export const asyncBackend = async (subject: Backend, options?: BackendOptions): Promise<void> => {
  check('asyncBackend', 'subject', aBackend, subject)
  const given = backendOf('asyncBackend', options)
  for (const trial of trialsOf(given))
    await forAllAsync(
      `${subject.name} is the reference: ${trial.name}`,
      trial.cases,
      (c) => c.text,
      async (c) => {
        if (supported(subject, c.run)) compare(subject, c.run, await runLater(subject, c.run), trial)
      },
      runsOf(given, trial),
    )
}
