/** Bodies of loop nests as graphs: equal expressions are one node, and every node knows the deepest loop it depends on. */
import type { DType } from '../../../core/dtype.js'
import { stridesOf } from '../../../core/shape.js'
import type { Aval } from '../../../core/aval.js'
import type { Expr } from '../../../kernel/scalar.js'
import { operandsOf } from '../../../kernel/scalar.js'
import { bytesOf } from './lanes.js'

/** A scalar value of a nest. */
export interface Term {
  readonly id: number
  readonly op: Exclude<Expr['op'], 'input' | 'load'> | 'read' | 'base'
  readonly args: readonly Term[]
  readonly dtype: DType
  /** The value of a constant, the axis of an index, the input of a base. */
  readonly n: number
  /** 0 outside all loops. */
  readonly level: number
  /** Reads memory, itself or below. */
  readonly reads: boolean
}

/** A source of terms in which equal ones are the same object. */
export interface Graph {
  readonly term: (op: Term['op'], args: readonly Term[], dtype: DType, n?: number) => Term
  readonly of: (e: Expr) => Term
}

/** A sum of products: terms times factors, and a constant. */
interface Linear {
  readonly factors: ReadonlyMap<Term, number>
  readonly constant: number
}

const scaled = ({ factors, constant }: Linear, by: number): Linear => ({
  factors: new Map([...factors].map(([t, f]) => [t, f * by])),
  constant: constant * by,
})
const added = (a: Linear, b: Linear): Linear => {
  const factors = new Map(a.factors)
  for (const [t, f] of b.factors) factors.set(t, (factors.get(t) ?? 0) + f)
  return { factors, constant: a.constant + b.constant }
}

const linear = (t: Term): Linear => {
  if (t.op === 'const') return { factors: new Map(), constant: t.n }
  const [x, y] = t.args
  if (t.op === 'add') return added(linear(x!), linear(y!))
  if (t.op === 'sub') return added(linear(x!), scaled(linear(y!), -1))
  if (t.op === 'neg') return scaled(linear(x!), -1)
  if (t.op === 'mul' && y!.op === 'const') return scaled(linear(x!), y!.n)
  if (t.op === 'mul' && x!.op === 'const') return scaled(linear(y!), x!.n)
  return { factors: new Map([[t, 1]]), constant: 0 }
}

/** The graph of a nest over inputs; `levelOf` gives the depth of the loop over an axis. */
export const graph = (ins: readonly Aval[], levelOf: (axis: number) => number): Graph => {
  const known = new Map<string, Term>()
  const term: Graph['term'] = (op, args, dtype, n = 0) => {
    const key = `${op} ${dtype} ${Object.is(n, -0) ? '-0' : n} ${args.map((a) => a.id).join(' ')}`
    let t = known.get(key)
    if (t === undefined) {
      const level = op === 'index' ? levelOf(n) : args.reduce((m, a) => Math.max(m, a.level), 0)
      t = { id: known.size, op, args, dtype, n, level, reads: op === 'read' || args.some((a) => a.reads) }
      known.set(key, t)
    }
    return t
  }
  const int = (n: number): Term => term('const', [], 'int32', n)
  const plus = (x: Term, y: Term): Term => (y.op === 'const' && y.n === 0 ? x : term('add', [x, y], 'int32'))
  /** The address of an element, outer loops first, so that what they add is added outside. */
  const address = (input: number, at: readonly Term[]): Term => {
    const { shape, dtype } = ins[input]!
    const strides = stridesOf(shape)
    const sum = scaled(
      at.reduce<Linear>((a, t, k) => added(a, scaled(linear(t), strides[k]!)), { factors: new Map(), constant: 0 }),
      bytesOf[dtype],
    )
    const terms = [...sum.factors].filter(([, f]) => f !== 0).sort(([a], [b]) => a.level - b.level)
    const start = plus(term('base', [], 'int32', input), int(sum.constant))
    return terms.reduce((x, [t, f]) => plus(x, f === 1 ? t : term('mul', [t, int(f)], 'int32')), start)
  }
  const memo = new Map<Expr, Term>()
  const of = (e: Expr): Term => {
    const done = memo.get(e)
    if (done !== undefined) return done
    const t = make(e)
    memo.set(e, t)
    return t
  }
  const make = (e: Expr): Term => {
    switch (e.op) {
      case 'const':
        return term('const', [], e.dtype, e.value)
      case 'index':
        return term('index', [], 'int32', e.axis)
      case 'input':
        return term('read', [term('base', [], 'int32', e.index)], e.dtype)
      case 'load':
        return term('read', [address(e.input, e.at.map(of))], e.dtype)
      default:
        return term(e.op, operandsOf<Expr>(e).map(of), e.dtype)
    }
  }
  return { term, of }
}
