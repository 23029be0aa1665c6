/** The laws of Programs: tracing keeps meaning, and so does everything that is done with what was traced. */
import fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import type { Program, Shape, Tensor } from '../src/index.js'
import { checkpoint, jit, printProgram, trace } from '../src/index.js'
import { bindAll, checkProgram, primitives, runProgram } from '../src/extend.js'
import { directions, eighths, shapes, stream, tensor, tensorOf } from './arbitrary.js'
import { arbitrary, callable, check, checkAll, optionsOf, positiveWhole, text } from './check.js'
import type { Closeness } from './compare.js'
import { closenessMeanings, expectAllClose, showTensor } from './compare.js'
import type { Points } from './points.js'
import { pull, push } from './derivative.js'
import type { TensorFunction } from './difference.js'
import type { LawOptions } from './law.js'
import { broken, forAll, lawMeanings, lawOptions } from './law.js'
import { tolerance } from './tolerance.js'

/** A program in the making: a step applies an operation to values that exist already. Numbers are taken modulo what there is. */
interface Step {
  readonly op: number
  readonly x: number
  readonly y: number
  readonly choice: number
}

type Values = readonly Tensor[]

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)
const none = {}
const one = (prim: keyof typeof primitives, inputs: Values, params: Readonly<Record<string, unknown>> = none): Tensor =>
  bindAll(primitives[prim] as typeof primitives.neg, inputs, params)[0]!

/** `x / n`: what adds up `n` values is divided by their number, so that slopes do not multiply from step to step. */
const shared = (x: Tensor, n: number): Tensor =>
  n < 2 ? x : one('mul', [x, one('broadcast', [tensorOf([1 / n], [])], { shape: x.shape, axes: [] })])

const mean = (x: Tensor, axes: readonly number[]): Tensor =>
  shared(
    one('reduceSum', [x], { axes }),
    axes.reduce((n, k) => n * x.shape[k]!, 1),
  )

/** `y`, or its mean, in the shape of `x`, so that any two values can meet. */
const fitted = (y: Tensor, x: Tensor): Tensor =>
  String(y.shape) === String(x.shape) ? y : one('broadcast', [mean(y, range(y.ndim))], { shape: x.shape, axes: [] })

/** Bounded smooth functions: values stay small however they are composed. */
const unary = ['sin', 'cos', 'tanh', 'sigmoid', 'atan', 'erf', 'neg', 'geluTanh', 'softplus', 'asinh'] as const
const binary = ['add', 'sub', 'mul'] as const

/** One step of a random program; `c` chooses among an operation's forms. */
type Operation = (x: Tensor, y: Tensor, c: number) => Tensor

/** The axes of `x` whose bits are set in `c`. */
const chosen = (x: Tensor, c: number): readonly number[] => range(x.ndim).filter((k) => (c >> k) % 2 === 1)

const operations: Readonly<Record<string, Operation>> = {
  unary: (x, _, c) => one(unary[c % unary.length]!, [x]),
  binary: (x, y, c) => shared(one(binary[c % binary.length]!, [one('tanh', [x]), one('sin', [fitted(y, x)])]), 2),
  ratio: (x, y) => one('div', [x, one('exp', [one('softplus', [one('sin', [fitted(y, x)])])])]),
  sum: (x, _, c) => mean(x, chosen(x, c)),
  logsumexp: (x, _, c) => (x.size === 0 ? x : one('logsumexp', [x], { axes: chosen(x, c) })),
  spread: (x, _, c) =>
    x.ndim > 2
      ? x
      : one('broadcast', [x], {
          shape: c % 2 === 0 ? [2, ...x.shape] : [...x.shape, 3],
          axes: range(x.ndim).map((k) => (c % 2 === 0 ? k + 1 : k)),
        }),
  transpose: (x) => one('transpose', [x], { perm: range(x.ndim).reverse() }),
  reshape: (x, _, c) => one('reshape', [x], { shape: c % 2 === 0 ? [x.size] : [...x.shape, 1] }),
  reverse: (x, _, c) => one('reverse', [x], { axes: chosen(x, c) }),
  slice: (x, _, c) => {
    const start = x.shape.map((n) => Math.min(c % 2, n))
    return one('slice', [x], { start, limit: x.shape, step: x.shape.map(() => 1 + (c % 3)) })
  },
  pad: (x, y, c) =>
    one('pad', [x, mean(y, range(y.ndim))], {
      low: x.shape.map(() => c % 2),
      high: x.shape.map((n) => (c % 3 === 0 && n > 1 ? -1 : 1)),
      interior: x.shape.map(() => c % 2),
    }),
  concat: (x, y, c) => (x.ndim === 0 ? x : one('concat', [x, fitted(y, x)], { axis: c % x.ndim })),
  dot: (x, y) => {
    const z = fitted(y, x)
    return x.ndim === 0
      ? x
      : shared(
          one('dotGeneral', [one('tanh', [x]), one('sin', [z])], { lhsContract: [0], rhsContract: [0], lhsBatch: [], rhsBatch: [] }),
          x.shape[0]!,
        )
  },
  cumsum: (x, _, c) => (x.ndim === 0 ? x : shared(one('cumsum', [x], { axis: c % x.ndim, reverse: c % 2 === 0 }), x.shape[c % x.ndim]!)),
  cumprod: (x, _, c) =>
    x.ndim === 0 ? x : shared(one('cumprod', [one('sin', [x])], { axis: c % x.ndim, reverse: c % 2 === 0 }), x.shape[c % x.ndim]!),
  product: (x, _, c) =>
    shared(
      one('reduceProd', [one('tanh', [x])], { axes: chosen(x, c) }),
      chosen(x, c).reduce((n, k) => n * x.shape[k]!, 1),
    ),
  gather: (x, _, c) =>
    x.ndim === 0 || x.shape[0] === 0
      ? x
      : one(
          'gather',
          [
            x,
            tensorOf(
              [c, c + 1, 0].map((i) => i % x.shape[0]!),
              [3, 1],
              'int32',
            ),
          ],
          { axes: [0], batch: 0, mode: 'clip' },
        ),
  select: (x, y, c) => {
    const pattern = stream(c + 1)
    return one('select', [
      tensorOf(
        range(x.size).map(() => (pattern() > 0 ? 1 : 0)),
        x.shape,
        'bool',
      ),
      x,
      fitted(y, x),
    ])
  },
}

const names = Object.keys(operations)
/** Sizes beyond this are not grown further. */
const limit = 200

const apply = ({ op, x, y, choice }: Step, values: Values): Tensor => {
  const a = values[x % values.length]!
  const b = values[y % values.length]!
  return a.size > limit || b.size > limit ? one('sin', [a]) : operations[names[op % names.length]!]!(a, b, choice)
}

/** A random pure function with inputs for it. */
export interface RandomProgram {
  readonly f: TensorFunction
  readonly inputs: readonly Tensor[]
}

const runSteps = (steps: readonly Step[], inputs: Values): Values => {
  const values = [...inputs]
  for (const step of steps) values.push(apply(step, values))
  return values.slice(-2)
}

const stepsOf = (maxSteps: number): Arbitrary<readonly Step[]> =>
  fc.array(fc.record({ op: fc.nat(names.length - 1), x: fc.nat(7), y: fc.nat(7), choice: fc.nat(11) }), {
    minLength: 1,
    maxLength: maxSteps,
  })

/**
 * Random smooth functions composed of the library's primitives: one to three float64 inputs of any shape, two outputs.
 * Values stay moderate, so that derivatives of every order can be compared with differences. Shrinks to shorter programs.
 */
export const programs = (maxSteps = 8): Arbitrary<RandomProgram> => {
  check('programs', 'maxSteps', positiveWhole, maxSteps)
  return fc
    .record({
      shapes: fc.array(shapes({ maxRank: 2, maxSize: 3 }), { minLength: 1, maxLength: 3 }),
      steps: stepsOf(maxSteps),
    })
    .chain((r) =>
      fc
        .tuple(...r.shapes.map((s) => tensor(s, 'float64', eighths(-1, 1))))
        .map((inputs) => ({ f: (...xs: Values) => runSteps(r.steps, xs), inputs })),
    )
}

/** A random smooth map of a state: as many results as operands, of their shapes, between -1 and 1. */
export interface RandomBody {
  readonly shapes: readonly Shape[]
  readonly f: (xs: Values) => Values
}

/** Random bodies of control flow: one to three float64 tensors of any shape to as many of the same shapes. */
export const bodies = (maxSteps = 6): Arbitrary<RandomBody> =>
  fc
    .record({ shapes: fc.array(shapes({ maxRank: 2, maxSize: 3 }), { minLength: 1, maxLength: 3 }), steps: stepsOf(maxSteps) })
    .map((r) => ({
      shapes: r.shapes,
      f: (xs) => {
        const made = [...xs, ...runSteps(r.steps, xs)]
        return xs.map((x, k) => one('sin', [fitted(made[made.length - 1 - k]!, x)]))
      },
    }))

/** Functions of fixed code with random inputs, as subjects of the laws below. */
export const subjectsOf = (f: TensorFunction, inputs: Arbitrary<readonly Tensor[]>): Arbitrary<RandomProgram> => {
  checkAll('subjectsOf', { f: [callable, f], inputs: [arbitrary, inputs] })
  return inputs.map((xs) => ({ f, inputs: xs }))
}

const traced = ({ f, inputs }: RandomProgram): { readonly program: Program; readonly run: (program: Program) => Values } => {
  const { program, captures } = trace(f, ...inputs)
  return { program, run: (p) => runProgram(p, [...captures, ...inputs]) }
}

/** A program and its inputs as a law prints them. */
export const showProgram = (subject: RandomProgram): string =>
  [printProgram(traced(subject).program), ...subject.inputs.map((x, k) => `input ${k}: ${showTensor(x, 32)}`)].join('\n')

/** Random programs as points for the laws of derivatives. */
export const programPoints = (subjects: Arbitrary<RandomProgram>): Points => {
  check('programPoints', 'subjects', arbitrary, subjects)
  return subjects.map((subject) => ({ f: subject.f, xs: subject.inputs, text: () => printProgram(traced(subject).program) }))
}

/** What laws of programs take besides the options of laws. */
type ProgramOptions = LawOptions & Closeness

const programOf = optionsOf<ProgramOptions>({ ...lawMeanings, ...closenessMeanings })

/** The options of the law called `name`, in two parts: how many programs are tried, and how close results must be. */
const partsOf = (name: string, options?: ProgramOptions): readonly [LawOptions, Closeness] => {
  const parts = Object.entries(programOf(name, options))
  return [Object.fromEntries(parts.filter(([k]) => k in lawMeanings)), Object.fromEntries(parts.filter(([k]) => k in closenessMeanings))]
}

const law = (
  name: string,
  title: string,
  subjects: Arbitrary<RandomProgram>,
  holds: (subject: RandomProgram) => void,
  options?: LawOptions,
): void => {
  check(name, 'subjects', arbitrary, subjects)
  forAll(title, subjects, showProgram, holds, lawOptions(name, options))
}

/** Law: a traced function is well formed, and interpreting it gives what the function gives, bit for bit. */
export const tracing = (subjects: Arbitrary<RandomProgram>, options?: LawOptions): void => {
  law(
    'tracing',
    'trace, then interpret, is to run',
    subjects,
    (subject) => {
      const { program, run } = traced(subject)
      checkProgram(program)
      expectAllClose('interpret of trace', run(program), subject.f(...subject.inputs), { signedZeros: true })
    },
    options,
  )
}

/**
 * Law: a pass gives a well-formed Program with the same inputs and the same meaning. `ulp` allows for passes that
 * change the order of sums; 0 by default.
 */
export const pass = (
  name: string,
  transform: (program: Program) => Program,
  subjects: Arbitrary<RandomProgram>,
  options?: LawOptions & Closeness,
): void => {
  checkAll('pass', { name: [text, name], transform: [callable, transform] })
  const [runs, closeness] = partsOf('pass', options)
  law(
    'pass',
    `${name} preserves meaning`,
    subjects,
    (subject) => {
      const { program, run } = traced(subject)
      const after = checkProgram(transform(program))
      if (after.inputs.length !== program.inputs.length)
        broken(`${name} changed the inputs: ${after.inputs.length}, before ${program.inputs.length}`)
      expectAllClose(`after ${name}:\n${printProgram(after)}\n`, run(after), run(program), closeness)
    },
    runs,
  )
}

/** Law: compiled is eager, for values (bit for bit, or within `ulp`). */
export const jitted = (subjects: Arbitrary<RandomProgram>, options?: LawOptions & Closeness): void => {
  const [runs, closeness] = partsOf('jitted', options)
  law(
    'jitted',
    'jit is eager',
    subjects,
    ({ f, inputs }) => {
      const g = jit(f)
      const expected = f(...inputs)
      expectAllClose('the first call', g(...inputs), expected, closeness)
      expectAllClose('the second call', g(...inputs), expected, closeness)
    },
    runs,
  )
}

/** A way to run a function that must not change what it means. */
export type Wrapper = (f: TensorFunction) => TensorFunction

const close: Closeness = { bound: tolerance.agreement, weak: false }

/** Law: a wrapper that should be the identity on functions is so for values, derivatives, and second derivatives. */
export const transparent = (name: string, wrap: Wrapper, subjects: Arbitrary<RandomProgram>, options?: LawOptions): void => {
  checkAll('transparent', { name: [text, name], wrap: [callable, wrap] })
  law(
    'transparent',
    `${name} is the identity, for values and derivatives`,
    subjects,
    ({ f, inputs }) => {
      const g = wrap(f)
      const next = stream(1)
      const ys = f(...inputs)
      const [v, cts, w] = [directions(inputs, next), directions(ys, next), directions(inputs, next)]
      expectAllClose(`the value under ${name}`, g(...inputs), ys, close)
      expectAllClose(`jvp of ${name}`, push(g, inputs, v), push(f, inputs, v), close)
      expectAllClose(`grad of ${name}`, pull(g, inputs, cts), pull(f, inputs, cts), close)
      const twice = (h: TensorFunction): Values => push((...xs) => pull(h, xs, cts), inputs, w)
      expectAllClose(`second derivative of ${name}`, twice(g), twice(f), close)
    },
    options,
  )
}

/** Law: `checkpoint` is the identity in value and derivatives. */
export const checkpointed = (subjects: Arbitrary<RandomProgram>, options?: LawOptions): void => {
  check('checkpointed', 'subjects', arbitrary, subjects)
  transparent(
    'checkpoint',
    (f) =>
      (...xs) =>
        checkpoint(f)(...xs),
    subjects,
    lawOptions('checkpointed', options),
  )
}
