/**
 * Vector expressions as a graph: formulas share nodes freely, and emission gives every shared one a local. Constants are
 * made once at the start of the body, so that a loop only reads them.
 */
import type { Body, Callee, Ex, Local } from '../code.js'
import { call, f32x4, f64x2, v128 } from '../instructions.js'

/** A vector. */
export type V = Ex<'v128'>

/** A vector expression over others. */
export interface Node {
  readonly args: readonly Node[]
  readonly make: (args: readonly V[]) => V
  /** The name of a constant. */
  readonly key?: string
  /** The 16 bytes of a constant. */
  readonly bytes?: () => Uint8Array
}

/** An operand: a node, or a number that stands for the same constant in every lane. */
export type Operand = Node | number

const pools = new WeakMap<Body, Map<string, Local<'v128'>>>()

/** The constant `key` of a body, made by `make` on first use, before the body's first statement. */
export const constant = (b: Body, key: string, make: () => V): Local<'v128'> => {
  let pool = pools.get(b)
  if (pool === undefined) pools.set(b, (pool = new Map()))
  let local = pool.get(key)
  if (local === undefined) pool.set(key, (local = b.first(make())))
  return local
}

/** A value that exists already: a local or a parameter. */
export const ref = (x: Local<'v128'>): Node => ({ args: [], make: () => x })

/** An operation on nodes. */
export const node = (args: readonly Node[], make: (args: readonly V[]) => V): Node => ({ args, make })

const leaf = (b: Body, n: Node): V => (n.key === undefined ? n.make([]) : constant(b, n.key, () => n.make([])))

/** One operation on values that exist: most of what is written. */
const emitOne = (b: Body, { args, make }: Node): Local<'v128'> => {
  const operands: V[] = []
  for (let k = 0; k < args.length; k++) operands.push(leaf(b, args[k]!))
  return b.let(make(operands))
}
const isPlain = ({ args }: Node): boolean => {
  for (let k = 0; k < args.length; k++) if (args[k]!.args.length > 0) return false
  return args.length > 0
}

/** What `root` needs, each after its operands; constants and values that exist are not among them. */
const orderOf = (root: Node): Node[] => {
  const list: Node[] = []
  const seen = new Set<Node>()
  const visit = (n: Node): void => {
    if (seen.has(n) || n.args.length === 0) return
    seen.add(n)
    n.args.forEach(visit)
    list.push(n)
  }
  visit(root)
  return list
}

/** Locals of a body that hold nothing any more. */
const spares = new WeakMap<Body, Local<'v128'>[]>()

/** Locals for values that only this emission reads: taken again once they are read. */
const temporaries = (b: Body) => {
  let free = spares.get(b)
  if (free === undefined) spares.set(b, (free = []))
  const pool = free
  return {
    take: (x: V): Local<'v128'> => {
      const l = pool.pop()
      if (l === undefined) return b.let(x)
      b.set(l, x)
      return l
    },
    give: (l: Local<'v128'>): void => {
      pool.push(l)
    },
  }
}

/** Statements after which none of the vectors that they made lives on. */
export const forgetting = (b: Body, inner: () => void): void => {
  spares.set(b, [])
  b.forgetting(inner)
  spares.set(b, [])
}

/**
 * Formulas of one shape side by side: step by step, each for all of them. V8 from 13 on keeps this order, and a step
 * that waits leaves room for the same step of the others.
 */
const abreast = (b: Body, lists: readonly (readonly Node[])[], uses: Map<Node, number>, done: Map<Node, V>): void => {
  const spare = temporaries(b)
  const owned = new Map<Node, Local<'v128'>>()
  const value = (n: Node): V => {
    const known = done.get(n)
    if (known !== undefined) return known
    const x = n.key === undefined ? n.make([]) : constant(b, n.key, () => n.make([]))
    done.set(n, x)
    return x
  }
  for (let k = 0; k < lists[0]!.length; k++)
    for (const list of lists) {
      const n = list[k]!
      if (done.has(n)) continue
      const args = n.args.map(value)
      const l = spare.take(n.make(args))
      done.set(n, l)
      owned.set(n, l)
      for (const a of n.args) {
        const left = uses.get(a)! - 1
        uses.set(a, left)
        const mine = owned.get(a)
        if (left === 0 && mine !== undefined) spare.give(mine)
      }
    }
}

/** Writes what `roots` need and returns a local for each; shared nodes are computed once. */
export const emit = (b: Body, roots: readonly Node[]): Local<'v128'>[] => {
  if (roots.every(isPlain)) return roots.map((r) => emitOne(b, r))
  if (roots.length === 1) {
    const root = roots[0]!
    if (root.args.length === 0) {
      const x = leaf(b, root)
      return ['index' in x ? (x as Local<'v128'>) : b.let(x)]
    }
  }
  const uses = new Map<Node, number>()
  const count = (n: Node): void => {
    const seen = uses.get(n) ?? 0
    uses.set(n, seen + 1)
    if (seen === 0) n.args.forEach(count)
  }
  roots.forEach(count)
  const done = new Map<Node, V>()
  if (roots.length > 1) {
    const lists = roots.map(orderOf)
    if (lists[0]!.length > 2 && lists.every((l) => l.length === lists[0]!.length)) abreast(b, lists, uses, done)
  }
  const value = (n: Node): V => {
    const known = done.get(n)
    if (known !== undefined) return known
    let x: V
    if (n.key !== undefined) x = constant(b, n.key, () => n.make([]))
    else {
      x = n.make(n.args.map(value))
      if (n.args.length === 0) return x
      if (uses.get(n)! > 1) x = b.let(x)
    }
    done.set(n, x)
    return x
  }
  return roots.map((r) => {
    const x = value(r)
    return 'index' in x ? (x as Local<'v128'>) : b.let(x)
  })
}

/** Writes one expression into a local. */
export const write = (b: Body, root: Node): Local<'v128'> => emit(b, [root])[0]!

/** The local that holds `x`. */
export const held = (b: Body, x: V): Local<'v128'> => ('index' in x ? (x as Local<'v128'>) : b.let(x))

/** A call of a function of vectors with a vector result. */
export const callNode = (f: Callee, ...args: readonly Node[]): Node => node(args, (xs) => call('v128', f, xs))

/** Computes `value` into `target` where `mask` holds, if it holds anywhere: other lanes keep what they have. */
export const where = (b: Body, mask: Node, target: Local<'v128'>, value: () => Node): void => {
  const m = write(b, mask)
  b.if(v128.anyTrue(m), () => {
    b.set(target, v128.bitselect(write(b, value()), target, m))
  })
}

const un =
  (f: (x: V) => V) =>
  (x: Node): Node =>
    node([x], ([a]) => f(a!))
const bin =
  (f: (x: V, y: V) => V) =>
  (x: Node, y: Node): Node =>
    node([x, y], ([a, b]) => f(a!, b!))
const shifted =
  (f: (x: V, by: Ex<'i32'>) => V, by: Ex<'i32'>) =>
  (x: Node): Node =>
    node([x], ([a]) => f(a!, by))

/** Operations on all 128 bits. */
export const bits = {
  and: bin(v128.and),
  or: bin(v128.or),
  xor: bin(v128.xor),
  /** Bits of `x` that `y` has not. */
  without: bin(v128.andnot),
  not: un(v128.not),
  shift: shifted,
  un,
  bin,
  shuffle: (x: Node, y: Node, lanes: readonly number[]): Node => node([x, y], ([a, b]) => v128.shuffle(a!, b!, lanes)),
} as const

const constantNode = (key: string, bytes: () => Uint8Array): Node => ({ args: [], key, make: () => v128.const(bytes()), bytes })

/** `mask ? x : y` by bits. The instruction is four on most machines: where operands are constants less does. */
export const choice = (mask: Node, x: Node, y: Node): Node => {
  const [p, q] = [x.bytes?.(), y.bytes?.()]
  if (q?.every((byte) => byte === 0) === true) return bits.and(x, mask)
  if (p?.every((byte) => byte === 0) === true) return bits.without(y, mask)
  if (p !== undefined && q !== undefined) {
    const both = p.map((byte, i) => byte ^ q[i]!)
    return bits.xor(
      bits.and(
        mask,
        constantNode(`bits:${both.join()}`, () => both),
      ),
      y,
    )
  }
  return node([x, y, mask], ([a, b, m]) => v128.bitselect(a!, b!, m!))
}

const floats = (name: string, k: typeof f32x4 | typeof f64x2, lanes: (x: number) => Float32Array | Float64Array) => {
  const c = (x: Operand): Node =>
    typeof x === 'number' ? constantNode(`${name}:${Object.is(x, -0) ? '-0' : String(x)}`, () => new Uint8Array(lanes(x).buffer)) : x
  const b2 =
    (f: (x: V, y: V) => V) =>
    (x: Operand, y: Operand): Node =>
      node([c(x), c(y)], ([a, b]) => f(a!, b!))
  return {
    c,
    add: b2(k.add),
    sub: b2(k.sub),
    mul: b2(k.mul),
    div: b2(k.div),
    eq: b2(k.eq),
    ne: b2(k.ne),
    lt: b2(k.lt),
    gt: b2(k.gt),
    le: b2(k.le),
    ge: b2(k.ge),
    /** `pmin(a, b)` is `b < a ? b : a`: NaN in `a` stays. */
    pmin: b2(k.pmin),
    pmax: b2(k.pmax),
    min: b2(k.min),
    max: b2(k.max),
    // By masks: V8 makes the masks of the instructions abs and neg again every time.
    abs: (x: Node): Node => bits.without(x, c(-0)),
    neg: (x: Node): Node => bits.xor(x, c(-0)),
    sqrt: un(k.sqrt),
    floor: un(k.floor),
    ceil: un(k.ceil),
    trunc: un(k.trunc),
    nearest: un(k.nearest),
    /** `mask ? x : y` by lanes. */
    select: (mask: Node, x: Operand, y: Operand): Node => choice(mask, c(x), c(y)),
    /** The sign bit of `x`, alone. */
    sign: (x: Node): Node => bits.and(x, c(-0)),
    /** `a b + c`, in one rounding where `fma` says that the machine has it. */
    madd:
      (fma: boolean) =>
      (x: Operand, y: Operand, z: Operand): Node =>
        node([c(x), c(y), c(z)], ([a, b, d]) => (fma ? k.relaxedMadd(a!, b!, d!) : k.add(k.mul(a!, b!), d!))),
  } as const
}

/** Four lanes of float32. */
export const F = floats('f32', f32x4, (x) => new Float32Array(4).fill(x))
/** Two lanes of float64. */
export const D = floats('f64', f64x2, (x) => new Float64Array(2).fill(x))

/** Four int32 lanes of one value. */
export const int = (n: number): Node => constantNode(`i32:${n}`, () => new Uint8Array(new Int32Array(4).fill(n).buffer))
