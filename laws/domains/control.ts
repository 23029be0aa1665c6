/** Domains of the primitives that hold Programs: random ones, and ones of every dtype, nested in each other. */
import fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import type { DType, Program, Shape, Tensor } from '../../src/index.js'
import type { controlPrimitives, Params } from '../../src/extend.js'
import { checkpoint, cond, jit, np, scan, shapeDtype, switch_, trace, whileLoop } from '../../src/index.js'
import { optimizeProgram } from '../../src/extend.js'
import { anyNumbers, eighths, numbers, shapes } from '../arbitrary.js'
import type { Domains, Operand, ParamsOf, Site } from '../domain.js'
import { operand } from '../domain.js'
import { broken } from '../law.js'
import type { RandomBody } from '../program.js'
import { bodies } from '../program.js'

type Values = readonly Tensor[]
type Name = keyof typeof controlPrimitives
type Body = (xs: Values) => Values

const isProgram = (v: unknown): v is Program => typeof v === 'object' && v !== null && 'equations' in v

/** The Programs among parameters as an executor hands them over: without primitives that stand for others. */
const optimized = (params: Params): Params =>
  Object.fromEntries(
    Object.entries(params).map(([k, v]): [string, unknown] => [
      k,
      isProgram(v) ? optimizeProgram(v) : Array.isArray(v) ? v.map((w: unknown) => (isProgram(w) ? optimizeProgram(w) : w)) : v,
    ]),
  )

/** An operand that is what a function closed over. */
const fixed = (x: Tensor): Operand => ({ shape: x.shape, dtype: x.dtype, fill: () => fc.constant([...x.toTypedArray()]) })

/** The application of the control primitive `name` that `f` makes of operands: the library's own, with what `f` closes over. */
const siteOf = <P extends Params>(name: Name, f: Body, operands: readonly Operand[]): Site<P> => {
  const { program, captures } = trace((...xs: Values) => f(xs), ...operands.map((o) => shapeDtype(o.shape, o.dtype)))
  const equation = program.equations.find((e) => e.prim.name === name)
  if (equation === undefined) return broken(`the domain of ${name} makes none`)
  const given = [...captures.map(fixed), ...operands]
  return {
    params: optimized(equation.params) as P,
    operands: equation.inputs.map((a) => {
      const at = program.inputs.findIndex((v) => v === a)
      return at === -1 ? broken(`the domain of ${name} computes one of its operands`) : given[at]!
    }),
  }
}

/** How often something goes round, or which of several is taken. */
const counter = (most: number, least = 0): Operand => operand([], 'int32', fc.integer({ min: least, max: most }))

const step = (i: Tensor): Tensor => np.add(i, 1)

/** A state with every dtype: exact operations only, so that all backends agree on NaN, infinities and huge numbers. */
const dtypes: readonly DType[] = ['float32', 'float64', 'int32', 'uint32', 'bool']
const mixed = (shape: Shape, of: (d: DType) => Arbitrary<number> = anyNumbers): readonly Operand[] =>
  dtypes.map((d) => operand(shape, d, of(d)))
const turn: Body = ([f, d, i, u, b]) => [
  np.where(b!, np.neg(f!), np.maximum(f!, np.astype(d!, 'float32'))),
  np.where(np.less(i!, 0), d!, np.mul(d!, 0.5)),
  np.bitwiseXor(i!, np.mul(i!, 3)),
  np.add(u!, np.rightShift(u!, np.array(1, { dtype: 'uint32' }))),
  np.logicalNot(np.logicalAnd(b!, np.greater(u!, 1))),
]

const tree = (xs: Values) => ({ first: xs[0]!, rest: [...xs.slice(1)] as const })
const leaves = ({ first, rest }: ReturnType<typeof tree>): Values => [first, ...rest]

/** Steps along `xs`, of which the first is what `body` is told beside the state. */
const along = (body: Body, reverse: boolean, length?: number): ((carry: Values, xs: Values) => Values) => {
  const run = (carry: Values, xs: Values): Values => {
    const [end, ys] = scan(
      (c: ReturnType<typeof tree>, x: Values) => {
        const next = body([...leaves(c), ...x])
        return [tree(next.slice(0, carry.length)), next.slice(carry.length)] as const
      },
      tree(carry),
      xs,
      { reverse, ...(length === undefined ? {} : { length }) },
    ) as unknown as readonly [ReturnType<typeof tree>, Values]
    return [...leaves(end), ...ys]
  }
  return run
}

/** `body` of the state, while a count from `from` on is less than `n`: neither is known before. */
const times = (body: Body, from: Tensor, n: Tensor, init: Values): Values => {
  const end = whileLoop(
    ({ i }: { readonly i: Tensor; readonly state: Values }) => np.less(i, n),
    ({ i, state }) => ({ i: step(i), state: body(state) }),
    { i: from, state: init },
  ) as unknown as { readonly i: Tensor; readonly state: Values }
  return [end.i, ...end.state]
}

const operandsOf = ({ shapes: all }: RandomBody): readonly Operand[] => all.map((s) => operand(s, 'float64', eighths(-1, 1)))
const stacked = (n: number, operands: readonly Operand[]): readonly Operand[] => operands.map((o) => ({ ...o, shape: [n, ...o.shape] }))
const lengths = fc.constantFrom(0, 1, 2, 3)

/** A random scan: the last `ys` operands of the body are what it goes along, and as many of its results are stacked. */
const scans = (most: number): Arbitrary<Site<never>> =>
  fc.record({ body: bodies(most), length: lengths, reverse: fc.boolean(), along: fc.nat(2) }).map(({ body, length, reverse, along: k }) => {
    const all = operandsOf(body)
    const xs = Math.min(k, all.length - 1)
    const carry = all.length - xs
    const run = along(body.f, reverse, xs === 0 ? length : undefined)
    return siteOf('scan', (vs) => run(vs.slice(0, carry), vs.slice(carry)), [...all.slice(0, carry), ...stacked(length, all.slice(carry))])
  })

/** A random choice; an index that is none is clamped. */
const choices = (most: number): Arbitrary<Site<never>> =>
  fc.record({ bodies: bodies(most).chain((b) => fc.tuple(fc.constant(b), fc.nat(2))) }).map(({ bodies: [body, more] }) => {
    const branches: readonly Body[] = [body.f, (xs) => body.f(xs.map((x) => np.neg(x))), (xs) => xs.map((x) => np.tanh(x))]
    const of =
      (f: Body) =>
      (...xs: Values): Values =>
        f(xs)
    return siteOf('cond', ([i, ...xs]) => switch_(i!, branches.slice(0, more + 1).map(of), ...xs), [counter(3, -1), ...operandsOf(body)])
  })

const applied = (name: 'call' | 'checkpoint', most: number, donating = fc.boolean()): Arbitrary<Site<never>> =>
  fc.record({ body: bodies(most), donate: donating }).map(({ body, donate }) => {
    const f = (...xs: Values): Values => body.f(xs)
    const wrapped = name === 'checkpoint' ? checkpoint(f) : jit(f, donate ? { donate: [0] } : {})
    return siteOf(name, (xs) => wrapped(...xs), operandsOf(body))
  })

/** The same primitives with states of every dtype, and each inside another. */
const exact = (name: Name, make: (xs: Values) => Values, lead: readonly Operand[] = [], operands?: (shape: Shape) => readonly Operand[]) =>
  shapes({ maxRank: 2, maxSize: 3 }).map((shape): Site<never> => siteOf(name, make, [...lead, ...(operands ?? mixed)(shape)]))

const list =
  (f: Body) =>
  (...xs: Values): Values =>
    f(xs)
const inScan: Body = (xs) => along(turn, false, 2)(xs, [])
const inWhile: Body = (xs) => times(turn, np.zeros([], { dtype: 'int32' }), np.array(2, { dtype: 'int32' }), xs).slice(1)
const inCond: Body = ([f, ...xs]) => cond(np.less(np.sum(xs[1]!), 0), list(inScan), list(turn), f!, ...xs)
const twice: Body = (xs) => jit(list(turn))(...checkpoint(list(turn))(...xs))

/** Along elements of every dtype, which are stacked again beside the state; the nested bodies go through it all. */
const mixedScan = (body: Body, reverse: boolean): Arbitrary<Site<never>> =>
  fc.tuple(fc.constantFrom(0, 1, 3, 17), shapes({ maxRank: 1, maxSize: 3 })).map(([n, shape]) => {
    const f = along((vs) => [...body(vs.slice(0, 5)), ...turn(vs.slice(5)), vs[0]!], reverse)
    return siteOf('scan', (vs) => f(vs.slice(0, 5), vs.slice(5)), [...mixed(shape), ...stacked(n, mixed(shape))])
  })

const whiles: Arbitrary<Site<never>> = fc.oneof(
  fc.record({ body: bodies(4) }).map(({ body }): Site<never> =>
    // zero iterations for a count that is not positive
    siteOf('while', ([i, n, ...xs]) => times((vs) => body.f(vs), i!, n!, xs), [counter(1), counter(4, -1), ...operandsOf(body)]),
  ),
  ...[turn, inScan, inCond, twice].map((body) => exact('while', ([i, n, ...xs]) => times(body, i!, n!, xs), [counter(1), counter(3, -1)])),
)

const any = <P extends Params>(...sites: readonly Arbitrary<Site<never>>[]): Arbitrary<Site<P>> => fc.oneof(...sites)
const large = <P extends Params>(site: Site<never>): readonly Site<P>[] => [site]

const nested = [turn, inScan, inWhile, inCond, twice]
const wide: Shape = [67, 31]

/** Where the primitives that hold Programs are defined and differentiable. */
export const controlDomains: Domains<typeof controlPrimitives> = {
  call: {
    // laws of derivatives apply it again and again to the same tensors
    smooth: any(applied('call', 4, fc.constant(false))),
    values: any(applied('call', 6), ...nested.map((f) => exact('call', (xs) => jit(list(f), { donate: [0, 2] })(...xs)))),
    fixed: true,
  },
  checkpoint: {
    smooth: any(applied('checkpoint', 4)),
    values: any(applied('checkpoint', 6), ...nested.map((f) => exact('checkpoint', (xs) => checkpoint(list(f))(...xs)))),
    fixed: true,
  },
  cond: {
    smooth: any(choices(4)),
    values: any(
      choices(6),
      ...nested.map((f) => exact('cond', ([i, ...xs]) => switch_(i!, [turn, f, inScan].map(list), ...xs), [counter(4, -2)])),
    ),
    fixed: true,
  },
  scan: {
    smooth: any(scans(4)),
    values: any(scans(6), ...nested.flatMap((f) => [mixedScan(f, false), mixedScan(f, true)])),
    get large() {
      const f = along((us) => [...turn(us.slice(0, 5)), ...turn(us.slice(5))], true)
      return large<ParamsOf<typeof controlPrimitives.scan>>(
        siteOf('scan', (vs) => f(vs.slice(0, 5), vs.slice(5)), [...mixed(wide, numbers), ...stacked(300, mixed(wide, numbers))]),
      )
    },
    fixed: true,
  },
  while: {
    // its derivative is forward only, which these laws do not ask for alone
    smooth: null,
    values: any(whiles),
    get large() {
      return large<ParamsOf<typeof controlPrimitives.while>>(
        siteOf('while', ([i, n, ...xs]) => times(turn, i!, n!, xs), [counter(0), counter(200, 200), ...mixed(wide, numbers)]),
      )
    },
    fixed: true,
  },
}
