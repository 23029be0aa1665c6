/**
 * All that the library relies on about one primitive: the shape rule, the derivative, the batching rule, compilation,
 * life inside a scan. One line checks a primitive of one's own.
 */
import fc from 'fast-check'
import type { Program, Tensor } from '../src/index.js'
import type { AnyPrimitive, Params, Primitive } from '../src/extend.js'
import { isInexact, jit, jvp, linearize, printProgram, scan, vjp } from '../src/index.js'
import { bindAll, showAval } from '../src/extend.js'
import { directions, stream, tensorOf } from './arbitrary.js'
import { checkBatched, checkBatchedDerivative, checkCollective, inAxis, masks, stack } from './batching.js'
import type { InAxes, Samples } from './batching.js'
import { arbitrary, check as checked, having, orNull, record } from './check.js'
import { elements, expectAllClose, gap, indexOf, showNumber, showTensor } from './compare.js'
import { checkPoint, floatOutputs } from './derivative.js'
import type { TensorFunction } from './difference.js'
import type { Application, Domain, Site } from './domain.js'
import { draws } from './domain.js'
import type { LawOptions } from './law.js'
import { broken, forAll, lawOptions } from './law.js'
import { layoutUlp, tolerance } from './tolerance.js'

const isProgram = (v: unknown): v is Program => typeof v === 'object' && v !== null && 'equations' in v

/** Parameters as a law prints them. */
export const showParams = (params: Params): string =>
  Object.keys(params).length === 0
    ? ''
    : ` ${JSON.stringify(params, (_, v: unknown) => (typeof v === 'function' ? `<${v.name}>` : isProgram(v) ? printProgram(v) : v))}`

/** An application as a law prints it. */
export const showApplication = (name: string, { inputs, params }: Application): string =>
  [`${name}${showParams(params)}`, ...inputs.map((x, k) => `input ${k}: ${showTensor(x, 32)}`)].join('\n')

interface Trial {
  readonly site: Site
  readonly samples: Samples
  readonly seed: number
}

/** A primitive with its domain, as the laws here see it. */
interface Subject {
  readonly prim: AnyPrimitive
  readonly apply: (inputs: readonly Tensor[], params: Params) => readonly Tensor[]
  readonly axisName: string | undefined
  readonly differentiable: boolean
}

type Law = (subject: Subject, trial: Trial) => void

const applicationOf = ({ site, samples }: Trial): Application => ({ params: site.params, inputs: samples[0]! })

/** The primitive as a function of its float inputs, the others fixed. */
const ofFloats = (
  { apply, differentiable }: Subject,
  { params, inputs }: Application,
  active: (k: number) => boolean = () => true,
): { readonly f: TensorFunction; readonly at: readonly number[] } => {
  const at = inputs.map((_, k) => k).filter((k) => differentiable && isInexact(inputs[k]!.dtype) && active(k))
  return {
    at,
    f: (...xs) => {
      const all = [...inputs]
      at.forEach((k, i) => {
        all[k] = xs[i]!
      })
      return apply(all, params)
    },
  }
}

const shapeRule: Law = ({ prim, apply, axisName }, trial) => {
  const { inputs, params } = applicationOf(trial)
  if (axisName !== undefined) return
  const outputs = apply(inputs, params)
  const rule = prim.shape(
    inputs.map((x) => x.aval),
    params,
  )
  if (rule.length !== outputs.length) broken(`the shape rule gives ${rule.length} outputs, evaluation ${outputs.length}`)
  outputs.forEach((y, k) => {
    if (y.aval !== rule[k]) broken(`output ${k}: the shape rule gives ${showAval(rule[k]!)}, evaluation ${showAval(y.aval)}`)
    if (elements(y).length !== y.size) broken(`output ${k}: ${showAval(y.aval)} with ${elements(y).length} elements in storage`)
  })
}

/** First and second derivatives in every nesting of modes; the first also with each input alone. */
const derivatives: Law = (subject, trial) => {
  const application = applicationOf(trial)
  const { f, at } = ofFloats(subject, application)
  const { inputs } = application
  const names = (of: readonly number[]): readonly string[] => of.map((k) => `input ${k}`)
  const floats = at.map((k) => inputs[k]!)
  if (at.length === 0 || floatOutputs(f)(...floats).length === 0) return
  checkPoint({ f, xs: floats, names: names(at) }, { order: 2 }, stream(trial.seed))
  if (at.length === 1) return
  for (const k of at) {
    const alone = ofFloats(subject, application, (j) => j === k)
    checkPoint({ f: alone.f, xs: [inputs[k]!], names: names([k]) }, { order: 1 }, stream(trial.seed))
  }
}

/** The derivative kept by `linearize` is the one that forward mode computes. */
const linearized: Law = (subject, trial) => {
  const application = applicationOf(trial)
  const { f, at } = ofFloats(subject, application)
  const float = floatOutputs(f)
  const xs: readonly Tensor[] = at.map((k) => application.inputs[k]!)
  if (at.length === 0 || float(...xs).length === 0) return
  const next = stream(trial.seed)
  const [ys, df] = linearize(float, ...xs)
  expectAllClose('the value under linearize', ys, float(...xs), { signedZeros: true })
  const vs = directions(xs, next)
  expectAllClose('the derivative is wrong: linearize', df(...vs), jvp(float, xs, vs)[1], { bound: tolerance.agreement, weak: false })
}

/** Tangents and cotangents exist for every input that has a value, with the avals of what they belong to. */
const tangentSpaces: Law = (subject, trial) => {
  const application = applicationOf(trial)
  const { f, at } = ofFloats(subject, application)
  const float = floatOutputs(f)
  const xs: readonly Tensor[] = at.map((k) => application.inputs[k]!)
  const ys = float(...xs)
  if (xs.length === 0 || ys.length === 0) return
  const next = stream(trial.seed)
  const same = (what: string, d: Tensor, x: Tensor): void => {
    if (d.dtype !== x.dtype || String(d.shape) !== String(x.shape)) broken(`${what} is ${showAval(d.aval)}, expected ${showAval(x.aval)}`)
  }
  const [values, dys] = jvp(float, xs, directions(xs, next))
  expectAllClose('the value under jvp', values, ys, { signedZeros: true })
  dys.forEach((d, k) => {
    same(`the tangent of output ${k}`, d, ys[k]!)
  })
  const [recorded, pull] = vjp(float, ...xs)
  expectAllClose('the value under vjp', recorded, ys, { signedZeros: true })
  pull(directions(ys, next)).forEach((d, k) => {
    same(`the cotangent of input ${at[k]!}`, d, xs[k]!)
  })
  if (subject.prim.linear.kind === 'zero')
    dys.forEach((d, k) => {
      if (elements(d).some((v) => v !== 0)) broken(`the map is declared zero, the tangent of output ${k} is ${showTensor(d)}`)
    })
}

/** The derivative in float32 is the one in float64, rounded: no rule mixes dtypes or loses digits. */
const inFloat32: Law = (subject, trial) => {
  const { inputs, params } = applicationOf(trial)
  const narrow = inputs.map((x) => (x.dtype === 'float64' ? tensorOf(elements(x), x.shape, 'float32') : x))
  const at = ofFloats(subject, { params, inputs }).at
  const run = (all: readonly Tensor[]): { readonly dys: readonly Tensor[]; readonly cxs: readonly Tensor[] } => {
    const f = floatOutputs(ofFloats(subject, { params, inputs: all }).f)
    const xs: readonly Tensor[] = at.map((k) => all[k]!)
    const next = stream(trial.seed)
    const [ys, dys] = jvp(f, xs, directions(xs, next))
    return { dys, cxs: vjp(f, ...xs)[1](directions(ys, next)) }
  }
  if (at.length === 0) return
  const [wide, short] = [run(inputs), run(narrow)]
  const compare = (what: string, actual: readonly Tensor[], expected: readonly Tensor[]): void => {
    actual.forEach((a, k) => {
      const found = gap(elements(a), elements(expected[k]!), { rtol: tolerance.float32 })
      if (found !== null)
        broken(
          `${what} ${k}, entry ${indexOf(found.at, a.shape)}: in float32 ${showNumber(found.actual)}, in float64 ${showNumber(found.expected)}`,
        )
    })
  }
  compare('tangent', short.dys, wide.dys)
  compare('cotangent', short.cxs, wide.cxs)
  short.cxs.forEach((c, i) => {
    const x = narrow[at[i]!]!
    if (c.dtype !== x.dtype) broken(`the cotangent of input ${at[i]!} is ${showAval(c.aval)}, expected ${showAval(x.aval)}`)
  })
}

const axesOf = (mask: readonly boolean[]): InAxes => mask.map((on) => (on ? 0 : null))

/** A batch is a stack, for every choice of batched inputs; axes other than the first are tried on one choice. */
const batches: Law = ({ apply, prim }, { site, samples, seed }) => {
  const close = { ulp: layoutUlp(prim.name) }
  const f: TensorFunction = (...xs) => apply(xs, site.params)
  const arity = samples[0]!.length
  for (const mask of masks(arity)) checkBatched(f, samples, axesOf(mask), 0, close)
  for (const mask of masks(arity)) checkBatched(f, samples.slice(0, 1), axesOf(mask), 0, close)
  if (arity === 0) checkBatched(f, samples, [])
  const inAxes = samples[0]!.map((x, k) => (seed + k) % (x.ndim + 1))
  const ranks = f(...samples[0]!).map((y) => y.ndim)
  if (arity > 0) checkBatched(f, samples, inAxes, seed % (Math.min(...ranks) + 1), close)
}

/** vmap and differentiation commute, for every choice of batched float inputs. */
const batchedDerivatives: Law = (subject, trial) => {
  const { site, samples, seed } = trial
  const { f, at } = ofFloats(subject, applicationOf(trial))
  const floats = samples.map((s) => at.map((k) => s[k]!))
  const float = floatOutputs(f)
  if (at.length === 0 || float(...floats[0]!).length === 0 || samples[0]!.length !== site.operands.length) return
  const every = masks(at.length)
  checkBatchedDerivative(float, floats, axesOf(every[every.length - 1]!), stream(seed))
  checkBatchedDerivative(float, floats, axesOf(every[seed % every.length]!), stream(seed))
}

/** A collective has the same derivative inside its axis as seen from outside. */
const collective: Law = ({ prim, axisName }, trial) => {
  const { inputs, params } = applicationOf(trial)
  if (axisName !== undefined)
    checkCollective((...xs) => bindAll(prim, xs, params), inputs, axisName, inputs[0]!.shape[0]!, stream(trial.seed))
}

/** Compiled, traced and eager results have equal bits. */
const compiled: Law = (subject, trial) => {
  const { inputs, params } = applicationOf(trial)
  const f: TensorFunction = (...xs) => subject.apply(xs, params)
  expectAllClose('jit', jit(f)(...inputs), f(...inputs), { signedZeros: true, ulp: layoutUlp(subject.prim.name) })
}

const compile = (f: TensorFunction): TensorFunction => {
  const g = jit(f)
  return (...xs) => g(...xs)
}

/** Derivatives commute with compilation. */
const compiledDerivatives: Law = (subject, trial) => {
  const application = applicationOf(trial)
  const { f, at } = ofFloats(subject, application)
  const float = floatOutputs(f)
  const xs: readonly Tensor[] = at.map((k) => application.inputs[k]!)
  const next = stream(trial.seed)
  if (at.length === 0) return
  const ys = float(...xs)
  if (ys.length === 0) return
  const [vs, cts] = [directions(xs, next), directions(ys, next)]
  const close = { bound: tolerance.agreement, weak: false }
  const pushed = jvp(float, xs, vs)[1]
  const pulled = vjp(float, ...xs)[1](cts)
  expectAllClose('jvp of jit', jvp(compile(float), xs, vs)[1], pushed, close)
  expectAllClose('grad of jit', vjp(compile(float), ...xs)[1](cts), pulled, close)
  const pushBoth: TensorFunction = (...both) => jvp(float, both.slice(0, xs.length), both.slice(xs.length))[1]
  expectAllClose('jit of jvp', jit(pushBoth)(...xs, ...vs), pushed, close)
  const pullBoth: TensorFunction = (...both) => vjp(float, ...both.slice(0, xs.length))[1](both.slice(xs.length))
  expectAllClose('jit of grad', jit(pullBoth)(...xs, ...cts), pulled, close)
}

/** One application per step of a scan is the stack of applications; its derivative the stack of derivatives. */
const scanned: Law = (subject, trial) => {
  const { site, samples, seed } = trial
  const start = tensorOf([0], [])
  const steps = samples[0]!.map((_, k) => stack(samples.map((s) => s[k]!)))
  const run = (xs: readonly Tensor[]): readonly Tensor[] =>
    scan<Tensor, readonly Tensor[], readonly Tensor[]>((carry, row) => [carry, subject.apply(row, site.params)], start, xs, {
      length: samples.length,
    })[1]
  const rows = samples.map((s) => subject.apply(s, site.params))
  const expected = rows[0]!.map((_, k) => stack(rows.map((r) => r[k]!)))
  expectAllClose('under scan', run(steps), expected, { ulp: layoutUlp(subject.prim.name) })
  const { at } = ofFloats(subject, applicationOf(trial))
  const inScan: TensorFunction = floatOutputs((...xs) => run(steps.map((x, k) => (at.includes(k) ? xs[at.indexOf(k)]! : x))))
  const xs = at.map((k) => steps[k]!)
  if (at.length === 0 || !expected.some((y) => isInexact(y.dtype))) return
  const cts = directions(
    expected.filter((y) => isInexact(y.dtype)),
    stream(seed),
  )
  const pulled = vjp(inScan, ...xs)[1](cts)
  const each = samples.map((s, b) => {
    const { f } = ofFloats(subject, { params: site.params, inputs: s })
    const part = cts.map((c) => {
      const size = c.size / samples.length
      return tensorOf(elements(c).slice(b * size, (b + 1) * size), c.shape.slice(1), c.dtype)
    })
    return vjp(floatOutputs(f), ...at.map((k) => s[k]!))[1](part)
  })
  expectAllClose(
    'grad of scan',
    pulled,
    at.map((_, i) => stack(each.map((e) => e[i]!))),
    { bound: tolerance.agreement, weak: false },
  )
}

const trials = (sites: NonNullable<Domain['smooth']>, count: number) =>
  sites.chain((site) => fc.record({ site: fc.constant(site), samples: draws(site, count), seed: fc.nat(999) }))

/** The laws of `primitive` by name: those that need a derivative, and those about values. */
const smoothLaws: Readonly<Record<string, readonly [Law, number]>> = {
  'the derivative': [derivatives, 1],
  'linearize is push': [linearized, 1],
  'the derivative in float32': [inFloat32, 1],
  'vmap and grad commute': [batchedDerivatives, 2],
  'jit and grad commute': [compiledDerivatives, 1],
  'the derivative inside a named axis': [collective, 1],
}
const valueLaws: Readonly<Record<string, readonly [Law, number]>> = {
  'the shape rule': [shapeRule, 1],
  'tangent spaces': [tangentSpaces, 1],
  batching: [batches, 3],
  'jit is eager': [compiled, 1],
}
const scanLaws: Readonly<Record<string, readonly [Law, number]>> = { 'under scan': [scanned, 2] }

const aDomain = {
  says: 'a domain',
  fix: 'elementwise(1), or { smooth, values }',
  accepts: (x: unknown): boolean =>
    record.accepts(x) && arbitrary.accepts((x as Domain).values) && orNull(arbitrary).accepts((x as Domain).smooth),
}

/**
 * Every law that the library relies on, for one primitive: shape rule, first and second derivatives in every nesting of
 * modes, batching for every choice of batched inputs, compilation, scan; and that these commute.
 *
 * @throws LawError with the shrunk parameters and inputs.
 * @example
 * laws.primitive(primitives.tanh, elementwise(1), { numRuns: 5 })
 */
export const primitive = <P extends Params>(prim: Primitive<P>, domain: Domain<P>, options?: LawOptions): void => {
  checked('primitive', 'prim', having('a primitive', 'primitives.tanh', 'shape'), prim)
  checked('primitive', 'domain', aDomain, domain)
  const given = lawOptions('primitive', options)
  const { numRuns = 50 } = given
  const { axisName } = domain
  const subject: Subject = {
    prim,
    axisName,
    differentiable: domain.differentiable !== false,
    apply: (inputs, params) => {
      const f: TensorFunction = (...xs) => bindAll(prim, xs, params as P)
      return axisName === undefined ? f(...inputs) : inAxis(f, axisName, inputs[0]?.shape[0] ?? 3)(...inputs)
    },
  }
  const check = (sites: Domain<P>['smooth'], laws: typeof smoothLaws, runs: number): void => {
    if (sites === null) return
    for (const [name, [law, count]] of Object.entries(laws)) {
      if ((law === collective && axisName === undefined) || (law === inFloat32 && domain.fixed === true)) continue
      forAll(
        `${prim.name}: ${name}`,
        trials(sites as NonNullable<Domain['smooth']>, count),
        (t) => `${showApplication(prim.name, applicationOf(t))}\ndirections from seed ${t.seed}`,
        (t) => {
          law(subject, t)
        },
        { ...given, numRuns: runs },
      )
    }
  }
  check(domain.smooth, smoothLaws, numRuns)
  check(domain.values, valueLaws, numRuns)
  check(domain.smooth ?? domain.values, scanLaws, Math.ceil(numRuns / 2))
}
