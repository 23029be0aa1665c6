/** A few primitives with the names of the real ones, and an executor of fifty lines, to test what stands below them. */
import type { Aval } from '../../src/core/aval.js'
import { aval, strong, withShape } from '../../src/core/aval.js'
import type { DType, TypedArray } from '../../src/core/dtype.js'
import { dtypes } from '../../src/core/dtype.js'
import { fail, ShapeError } from '../../src/core/errors.js'
import { dropAxes, range, sizeOf, stridesOf } from '../../src/core/shape.js'
import type { Tensor } from '../../src/core/tensor.js'
import { hostTensor, peek } from '../../src/core/tensor.js'
import { bind, bindAll } from '../../src/ir/bind.js'
import { interpret } from '../../src/ir/interpret.js'
import type { AnyPrimitive, Primitive } from '../../src/ir/primitive.js'
import { none } from '../../src/ir/primitive.js'
import type { Program } from '../../src/ir/program.js'
import { trace } from '../../src/ir/trace.js'
import type { Expr } from '../../src/kernel/scalar.js'
import { s } from '../../src/kernel/scalar.js'
import type { View } from '../../src/kernel/view.js'
import { broadcastView, identityView, sliceView, transposeView } from '../../src/kernel/view.js'

const zero = { kind: 'zero' } as const

const elementwise = (name: string, arity: number, body: (xs: readonly Expr[]) => Expr, dtype?: DType): Primitive => ({
  name,
  shape: (ins) => {
    if (ins.length !== arity) fail(ShapeError, `${name}: ${ins.length} operands`)
    const x = ins.at(-1)!
    for (const a of ins) if (a.shape.join() !== x.shape.join()) fail(ShapeError, `${name}: shapes differ`)
    const out = ins.every((a) => a.weak) ? x : strong(x)
    return [dtype === undefined ? out : aval(out.shape, dtype)]
  },
  linear: zero,
  batch: 'elementwise',
  lower: { kind: 'scalar', body },
})

const view = <P extends Record<string, unknown>>(name: string, of: (a: Aval, p: P) => View): Primitive<P> => ({
  name,
  shape: ([x], p) => [withShape(x!, of(x!, p).shape)],
  linear: zero,
  batch: 'elementwise',
  lower: { kind: 'view', view: of },
})

export const neg = elementwise('neg', 1, ([x]) => s.neg(x!))
export const abs = elementwise('abs', 1, ([x]) => s.abs(x!))
export const tanh = elementwise('tanh', 1, ([x]) => s.tanh(x!))
export const add = elementwise('add', 2, ([x, y]) => s.add(x!, y!))
export const sub = elementwise('sub', 2, ([x, y]) => s.sub(x!, y!))
export const mul = elementwise('mul', 2, ([x, y]) => s.mul(x!, y!))
export const div = elementwise('div', 2, ([x, y]) => s.div(x!, y!))
export const max = elementwise('max', 2, ([x, y]) => s.max(x!, y!))
export const lt = elementwise('lt', 2, ([x, y]) => s.lt(x!, y!), 'bool')
export const not = elementwise('not', 1, ([x]) => s.not(x!))
export const select = elementwise('select', 3, ([p, x, y]) => s.select(p!, x!, y!))

export const cast: Primitive<{ dtype: DType }> = {
  name: 'cast',
  shape: ([x], { dtype }) => [aval(x!.shape, dtype)],
  linear: zero,
  batch: 'elementwise',
  lower: { kind: 'scalar', body: ([x], { dtype }) => s.cast(x!, dtype) },
}
export const reshape: Primitive<{ shape: number[] }> = {
  name: 'reshape',
  shape: ([x], { shape }) => [sizeOf(shape) === x!.size ? withShape(x!, shape) : fail(ShapeError, 'reshape: sizes differ')],
  linear: zero,
  batch: 'elementwise',
  lower: { kind: 'alias' },
}
export const transpose = view('transpose', (x, p: { perm: number[] }) => transposeView(identityView(x.shape), p.perm))
export const broadcast = view('broadcast', (x, p: { shape: number[]; axes: number[] }) =>
  broadcastView(identityView(x.shape), p.shape, p.axes),
)
export const reverse = view('reverse', (x, { axes }: { axes: number[] }) =>
  sliceView(
    identityView(x.shape),
    x.shape.map((n, k) => (axes.includes(k) ? n - 1 : 0)),
    x.shape,
    x.shape.map((_, k) => (axes.includes(k) ? -1 : 1)),
  ),
)
export const slice = view('slice', (x, p: { start: number[]; limit: number[]; step: number[] }) =>
  sliceView(
    identityView(x.shape),
    p.start,
    p.start.map((b, k) => Math.ceil((p.limit[k]! - b) / p.step[k]!)),
    p.step,
  ),
)
export const reduceSum: Primitive<{ axes: number[] }> = {
  name: 'reduceSum',
  shape: ([x], { axes }) => [withShape(x!, dropAxes(x!.shape, axes))],
  linear: zero,
  batch: 'elementwise',
  lower: { kind: 'routine', define: { kind: 'inline', run: ([x]) => [x!] } },
}
/** `2 tanh(x) - x`, by other primitives. */
export const wave: Primitive = {
  name: 'wave',
  shape: ([x]) => [x!],
  linear: zero,
  batch: 'elementwise',
  lower: {
    kind: 'inline',
    run: ([x]) => {
      const y = bind(tanh, [x!], none)
      return [bind(sub, [bind(add, [y, y], none), x!], none)]
    },
  },
}
/** `(x + y, x - y)`. */
export const both: Primitive = {
  ...elementwise('both', 2, ([x]) => x!),
  shape: ([x]) => [x!, x!],
  lower: { kind: 'routine', define: { kind: 'inline', run: ([x]) => [x!, x!] } },
}

const holder = (name: string): Primitive<{ program: Program; name?: string; inline?: boolean; donate?: number[] }> => ({
  name,
  shape: (_, { program }) => program.outputs.map((a) => a.aval),
  linear: zero,
  batch: 'elementwise',
  lower: { kind: 'control', form: ({ program, donate = [] }) => ({ kind: 'call', program, donate }) },
})
export const call = holder('call')
export const checkpoint = holder('checkpoint')
export const cond: Primitive<{ branches: Program[] }> = {
  name: 'cond',
  shape: (_, { branches }) => branches[0]!.outputs.map((a) => a.aval),
  linear: zero,
  batch: 'elementwise',
  lower: { kind: 'control', form: ({ branches }) => ({ kind: 'cond', branches }) },
}

interface Scan extends Record<string, unknown> {
  body: Program
  length: number
  reverse: boolean
  consts: number
  carry: number
}
export const scan: Primitive<Scan> = {
  name: 'scan',
  shape: (_, p) => p.body.outputs.map(({ aval: a }, k) => (k < p.carry ? a : withShape(a, [p.length, ...a.shape]))),
  linear: zero,
  batch: 'elementwise',
  lower: { kind: 'control', form: ({ body, length, reverse, consts, carry }) => ({ kind: 'scan', body, length, reverse, consts, carry }) },
}

type Eval = (...x: number[]) => number
const scalars: Record<string, Eval> = {
  neg: (x) => -x,
  abs: Math.abs,
  tanh: Math.tanh,
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  max: Math.max,
  lt: (x, y) => Number(x < y),
  not: (x) => 1 - x,
  select: (p, x, y) => (p ? x : y),
  cast: (x) => x,
}
const make = (a: Aval, f: (i: number) => number): Tensor => {
  const data: TypedArray = dtypes[a.dtype].make(a.size)
  for (let i = 0; i < a.size; i++) data[i] = f(i)
  return hostTensor(a, data)
}
const seen = (x: Tensor, v: View, a: Aval): Tensor => {
  const [xs, strides] = [peek(x), stridesOf(v.shape)]
  return make(a, (i) => xs[v.shape.reduce((o, n, k) => o + (Math.floor(i / strides[k]!) % n) * v.strides[k]!, v.offset)]!)
}
const runScan = (xs: readonly Tensor[], p: Scan, outs: readonly Aval[]): readonly Tensor[] => {
  let carry = xs.slice(p.consts, p.consts + p.carry)
  const ys: Tensor[][] = []
  for (let t = 0; t < p.length; t++) {
    const i = p.reverse ? p.length - 1 - t : t
    const row = (x: Tensor): Tensor => make(withShape(x.aval, x.shape.slice(1)), (j) => peek(x)[i * (x.size / p.length) + j]!)
    const out = interpret(p.body, [...xs.slice(0, p.consts), ...carry, ...xs.slice(p.consts + p.carry).map(row)])
    carry = out.slice(0, p.carry)
    ys[i] = out.slice(p.carry)
  }
  return [
    ...carry,
    ...outs.slice(p.carry).map((a, k) => make(a, (j) => peek(ys[Math.floor(j / (a.size / p.length))]![k]!)[j % (a.size / p.length)]!)),
  ]
}

/** Evaluates the primitives of this file. */
export const execute = (prim: AnyPrimitive, xs: readonly Tensor[], params: Readonly<Record<string, unknown>>): readonly Tensor[] => {
  const outs = prim.shape(
    xs.map((t) => t.aval),
    params,
  )
  const { lower } = prim
  if (lower.kind === 'inline') return lower.run(xs, params)
  if (lower.kind === 'scalar') return [make(outs[0]!, (i) => scalars[prim.name]!(...xs.map((t) => peek(t)[i]!)))]
  if (lower.kind === 'view') return [seen(xs[0]!, lower.view(xs[0]!.aval, params), outs[0]!)]
  if (lower.kind === 'alias') return [hostTensor(outs[0]!, peek(xs[0]!))]
  if (prim === both) return [bindAll(add, xs, none)[0]!, bindAll(sub, xs, none)[0]!]
  if (prim === reduceSum) {
    const x = xs[0]!
    const [kept, strides] = [range(x.ndim).filter((k) => !(params.axes as number[]).includes(k)), stridesOf(x.shape)]
    const out = make(outs[0]!, () => 0)
    const outStrides = stridesOf(outs[0]!.shape)
    const sums = peek(out) as Float64Array
    peek(x).forEach((v, i) => {
      sums[kept.reduce((o, k, j) => o + (Math.floor(i / strides[k]!) % x.shape[k]!) * outStrides[j]!, 0)]! += v
    })
    return [out]
  }
  if (prim.name === 'scan') return runScan(xs, params as Scan, outs)
  if (prim.name === 'cond') return interpret((params.branches as Program[])[peek(xs[0]!)[0]!]!, xs.slice(1))
  return interpret(params.program as Program, xs)
}

/** The Program of `f` on float64 arguments of the given shapes. */
export const programOf = (f: (...xs: Tensor[]) => Tensor | readonly Tensor[], ...shapes: readonly number[][]): Program =>
  trace(
    'f',
    (xs) => {
      const r = f(...xs)
      return Array.isArray(r) ? r : [r as Tensor]
    },
    shapes.map((x) => aval(x, 'float64')),
  ).program
