/** Algebra: equations that equal something simpler, to the last bit and for every value, NaN and -0 included. */
import type { Aval } from '../../core/aval.js'
import type { DType } from '../../core/dtype.js'
import { isBool, isDouble, isInexact, isInteger } from '../../core/dtype.js'
import { sameShape } from '../../core/shape.js'
import type { AnyPrimitive, Params } from '../primitive.js'
import { none } from '../primitive.js'
import type { Atom, Equation, Program } from '../program.js'
import { draft, everyProgram, freshFor, throughout } from './pass.js'
import type { Draft, Pass } from './pass.js'

/** A primitive to apply instead, with these inputs and parameters; an input may be an application itself. */
export interface Simplification {
  readonly prim: AnyPrimitive
  readonly inputs: readonly (Atom | Simplification)[]
  readonly params: Params
}

/** What a rule may ask about the Program around an equation. */
export interface Scene {
  /** The equation that defines an atom, when it is of primitive `name`. */
  readonly made: (a: Atom, name: string) => Equation | undefined
  /** The one value of all elements of an atom: a literal, or a literal broadcast. */
  readonly splat: (a: Atom) => number | undefined
  /** A primitive that the Program uses, by name. */
  readonly prim: (name: string) => AnyPrimitive | undefined
}

/** What an equation of one output equals: an atom, another application, or undefined when the rule does not fit. */
export type Rule = (e: Equation, scene: Scene) => Atom | Simplification | undefined

const x = (e: Equation): Atom => e.inputs[0]!
const y = (e: Equation): Atom => e.inputs[1]!
const ints = (e: Equation, key: string): readonly number[] => e.params[key] as readonly number[]
const all = (ns: readonly number[], value: number): boolean => ns.every((n) => n === value)
const ascending = (ns: readonly number[]): boolean => ns.every((n, k) => n === k)

const same = (a: Atom, b: Atom): boolean => a === b || (a.kind === 'var' && b.kind === 'var' && a.id === b.id)
const integral = (a: Atom): boolean => isInteger(a.aval.dtype)

/** `a`, when the condition holds. */
const when = (condition: boolean, a: Atom): Atom | undefined => (condition ? a : undefined)
const again = (e: Equation, inputs: readonly Atom[], params: Params = e.params): Simplification => ({ prim: e.prim, inputs, params })

/** The input of the equation of primitive `name` that made `a`. */
const under = (a: Atom, name: string, scene: Scene): Atom | undefined => scene.made(a, name)?.inputs[0]

/** Applies `name` to `inputs`, provided the Program uses that primitive. */
const using = (name: string, inputs: readonly Atom[], scene: Scene): Simplification | undefined => {
  const prim = scene.prim(name)
  return prim === undefined ? undefined : { prim, inputs, params: none }
}

/** `x + s`: -0 is the neutral element of floats (0 + -0 = 0, but -0 + 0 = 0), 0 that of integers. */
const neutral = (a: Atom, scene: Scene): boolean => {
  const s = scene.splat(a)
  return s !== undefined && (integral(a) ? s === 0 : Object.is(s, -0))
}

/** `f(f(x)) = x`. */
const involution: Rule = (e, scene) => under(x(e), e.prim.name, scene)
/** `f(f(x)) = f(x)`. */
const idempotent: Rule = (e, scene) => when(scene.made(x(e), e.prim.name) !== undefined, x(e))
/** `f(x, x) = x`. */
const lattice: Rule = (e) => when(same(x(e), y(e)), x(e))
/** Without axes nothing is reduced; but a sum of floats starts from 0, so it turns -0 into 0. */
const reduction: Rule = (e) => when(ints(e, 'axes').length === 0 && !(e.prim.name === 'reduceSum' && isInexact(x(e).aval.dtype)), x(e))

/** `(-a) f (-b) = a f b`; of integers only products, because the smallest one is its own negative. */
const signs: Rule = (e, scene) => {
  if (e.prim.name === 'div' && !isInexact(x(e).aval.dtype)) return undefined
  const [a, b] = [under(x(e), 'neg', scene), under(y(e), 'neg', scene)]
  return a && b ? again(e, [a, b]) : undefined
}

/** True when a cast from `a` by `b` to `c` is the cast from `a` to `c`: the first loses nothing, and both saturate or both wrap. */
const direct = (a: DType, b: DType, c: DType): boolean => isBool(a) || (isDouble(b) && (a === c || !isInteger(a) || !isInteger(c)))

/** A rearrangement of elements that are all the same is a broadcast of the one. */
const uniform: Rule = (e, scene) => {
  const inner = scene.made(x(e), 'broadcast')
  if (inner === undefined || x(inner).aval.shape.length !== 0) return undefined
  return { prim: inner.prim, inputs: [x(inner)], params: { shape: e.outputs[0]!.aval.shape, axes: [] } }
}

/** An operation on elements that are all the same is done once: `f(broadcast a, broadcast b) = broadcast f(a, b)`. */
const once: Rule = (e, scene) => {
  if (e.prim.lower.kind !== 'scalar' || e.inputs.length === 0 || x(e).aval.shape.length === 0) return undefined
  const spread = e.inputs.map((a) => scene.made(a, 'broadcast'))
  const first = spread[0]
  if (first === undefined || !spread.every((b) => b !== undefined && x(b).aval.shape.length === 0)) return undefined
  const scalars = spread.flatMap((b) => (b === undefined ? [] : [x(b)]))
  return {
    prim: first.prim,
    inputs: [{ prim: e.prim, inputs: scalars, params: e.params }],
    params: { shape: e.outputs[0]!.aval.shape, axes: [] },
  }
}

/** A slice of operands in a row is the operands' slices in a row: those it does not meet are not read, and none is written first. */
const sliceOfRow: Rule = (e, scene) => {
  const inner = scene.made(x(e), 'concat')
  if (inner === undefined || e.outputs[0]!.aval.size === 0) return undefined
  const axis = inner.params.axis as number
  const [start, limit] = [ints(e, 'start'), ints(e, 'limit')]
  if (ints(e, 'step')[axis] !== 1) return undefined
  const met: Simplification[] = []
  let end = 0
  for (const part of inner.inputs) {
    const begin = end
    if (begin >= limit[axis]!) break
    end += part.aval.shape[axis]!
    const [from, to] = [Math.max(start[axis]!, begin), Math.min(limit[axis]!, end)]
    const at = (ns: readonly number[], n: number): readonly number[] => ns.map((m, k) => (k === axis ? n - begin : m))
    if (from < to) met.push(again(e, [part], { ...e.params, start: at(start, from), limit: at(limit, to) }))
  }
  return met.length === 1 ? met[0] : { ...again(inner, []), inputs: met }
}

/** The rules, by primitive; the first that fits applies, and its result is looked at again. */
export const rules: Readonly<Record<string, readonly Rule[]>> = {
  add: [
    (e, s) => when(neutral(y(e), s), x(e)),
    (e, s) => when(neutral(x(e), s), y(e)),
    (e, s) => {
      const b = under(y(e), 'neg', s)
      return b && using('sub', [x(e), b], s)
    },
    (e, s) => {
      const a = under(x(e), 'neg', s)
      return a && using('sub', [y(e), a], s)
    },
  ],
  sub: [
    (e, s) => when(Object.is(s.splat(y(e)), 0), x(e)),
    (e, s) => {
      const b = under(y(e), 'neg', s)
      return b && using('add', [x(e), b], s)
    },
  ],
  mul: [
    (e, s) => when(s.splat(y(e)) === 1, x(e)),
    (e, s) => when(s.splat(x(e)) === 1, y(e)),
    (e, s) => when(integral(y(e)) && s.splat(y(e)) === 0, y(e)),
    (e, s) => when(integral(x(e)) && s.splat(x(e)) === 0, x(e)),
    (e, s) => (s.splat(y(e)) === -1 ? using('neg', [x(e)], s) : undefined),
    (e, s) => (s.splat(x(e)) === -1 ? using('neg', [y(e)], s) : undefined),
    signs,
  ],
  div: [(e, s) => when(s.splat(y(e)) === 1, x(e)), signs],
  pow: [(e, s) => when(s.splat(y(e)) === 1, x(e))],
  integerPow: [(e) => when(e.params.n === 1, x(e))],
  neg: [involution],
  not: [involution],
  abs: [
    idempotent,
    (e, s) => {
      const inner = under(x(e), 'neg', s)
      return inner && again(e, [inner])
    },
  ],
  floor: [idempotent],
  ceil: [idempotent],
  round: [idempotent],
  trunc: [idempotent],
  sign: [idempotent],
  stopGradient: [idempotent],
  max: [lattice],
  min: [lattice],
  and: [lattice],
  or: [lattice],
  select: [
    (e) => when(same(y(e), e.inputs[2]!), y(e)),
    (e, s) => {
      const p = s.splat(x(e))
      return p === undefined ? undefined : p !== 0 ? y(e) : e.inputs[2]
    },
    (e, s) => {
      const p = under(x(e), 'not', s)
      return p && again(e, [p, e.inputs[2]!, y(e)])
    },
  ],
  cast: [
    (e) => when(e.params.dtype === x(e).aval.dtype, x(e)),
    (e, s) => {
      const inner = under(x(e), 'cast', s)
      const dtype = e.outputs[0]!.aval.dtype
      if (inner === undefined || !direct(inner.aval.dtype, x(e).aval.dtype, dtype)) return undefined
      return inner.aval.dtype === dtype ? inner : again(e, [inner])
    },
  ],
  bitcast: [
    (e) => when(e.params.dtype === x(e).aval.dtype, x(e)),
    (e, s) => {
      const inner = under(x(e), 'bitcast', s)
      return inner && (inner.aval.dtype === e.params.dtype ? inner : again(e, [inner]))
    },
  ],
  reshape: [
    (e) => when(sameShape(ints(e, 'shape'), x(e).aval.shape), x(e)),
    (e, s) => {
      const inner = under(x(e), 'reshape', s)
      return inner && again(e, [inner])
    },
    uniform,
  ],
  transpose: [
    (e) => when(ascending(ints(e, 'perm')), x(e)),
    uniform,
    (e, s) => {
      const inner = s.made(x(e), 'transpose')
      return inner && again(e, [x(inner)], { ...e.params, perm: ints(e, 'perm').map((p) => ints(inner, 'perm')[p]!) })
    },
  ],
  broadcast: [
    (e) => when(sameShape(ints(e, 'shape'), x(e).aval.shape) && ascending(ints(e, 'axes')), x(e)),
    (e, s) => {
      const inner = s.made(x(e), 'broadcast')
      return inner && again(e, [x(inner)], { ...e.params, axes: ints(inner, 'axes').map((a) => ints(e, 'axes')[a]!) })
    },
  ],
  reverse: [
    (e) =>
      when(
        ints(e, 'axes').every((a) => x(e).aval.shape[a]! <= 1),
        x(e),
      ),
    uniform,
    (e, s) => {
      const inner = s.made(x(e), 'reverse')
      if (inner === undefined) return undefined
      const [a, b] = [ints(e, 'axes'), ints(inner, 'axes')]
      const axes = [...a.filter((k) => !b.includes(k)), ...b.filter((k) => !a.includes(k))].sort((p, q) => p - q)
      return axes.length === 0 ? x(inner) : again(e, [x(inner)], { ...e.params, axes })
    },
  ],
  pad: [(e) => when(all(ints(e, 'low'), 0) && all(ints(e, 'high'), 0) && all(ints(e, 'interior'), 0), x(e))],
  slice: [
    (e) => when(all(ints(e, 'start'), 0) && all(ints(e, 'step'), 1) && sameShape(ints(e, 'limit'), x(e).aval.shape), x(e)),
    uniform,
    (e, s) => {
      const inner = s.made(x(e), 'slice')
      if (inner === undefined || e.outputs[0]!.aval.size === 0) return undefined
      const [start, step] = [ints(inner, 'start'), ints(inner, 'step')]
      return again(e, [x(inner)], {
        ...e.params,
        start: ints(e, 'start').map((n, k) => start[k]! + n * step[k]!),
        limit: ints(e, 'limit').map((n, k) => start[k]! + (n - 1) * step[k]! + 1),
        step: ints(e, 'step').map((n, k) => n * step[k]!),
      })
    },
    sliceOfRow,
  ],
  concat: [(e) => when(e.inputs.length === 1, x(e))],
  reduceSum: [reduction],
  reduceMax: [reduction],
  reduceMin: [reduction],
  reduceProd: [reduction],
}

const isAtom = (r: Atom | Simplification): r is Atom => 'kind' in r

/** The primitives of a Program and of the Programs in it, by name. */
const primitivesOf = (program: Program): ReadonlyMap<string, AnyPrimitive> => {
  const prims = new Map<string, AnyPrimitive>()
  everyProgram(program, (p) => {
    for (const e of p.equations) prims.set(e.prim.name, e.prim)
  })
  return prims
}

const sceneOf = (d: Draft, prims: ReadonlyMap<string, AnyPrimitive>): Scene => {
  const made = (a: Atom, name: string): Equation | undefined => {
    const e = d.definition(a)
    return e?.prim.name === name ? e : undefined
  }
  return {
    made,
    splat: (a) => {
      const source = made(a, 'broadcast')?.inputs[0] ?? a
      return source.kind === 'literal' ? source.value : undefined
    },
    prim: (name) => prims.get(name),
  }
}

const avalOf = (r: Atom | Simplification): Aval => (isAtom(r) ? r.aval : r.prim.shape(r.inputs.map(avalOf), r.params)[0]!)

/** What the first rule that fits makes of `e`; a result that is not exactly of `e`'s aval (a weak one, say) does not fit. */
const step = (e: Equation, scene: Scene): Atom | Simplification | undefined => {
  for (const rule of [...(rules[e.prim.name] ?? []), once]) {
    const r = rule(e, scene)
    if (r !== undefined && avalOf(r) === e.outputs[0]!.aval) return r
  }
  return undefined
}

const simplifyOne =
  (prims: ReadonlyMap<string, AnyPrimitive>): Pass =>
  (program) => {
    const d = draft(program)
    const scene = sceneOf(d, prims)
    const fresh = freshFor(program)
    /** The simplest form of `e`: an atom, or an equation for the draft. Inputs that are applications are emitted before it. */
    const reduce = (start: Equation): Atom | Equation => {
      let e = start
      // Every rewrite reads something nearer to the inputs, or has fewer signs or fewer elements to compute: this ends.
      while (e.outputs.length === 1) {
        const next = step(e, scene)
        if (next === undefined) return e
        if (isAtom(next)) return next
        const inputs = next.inputs.map((a) =>
          isAtom(a) ? a : settle({ ...a, inputs: a.inputs.filter(isAtom), outputs: [fresh(avalOf(a))], scope: e.scope }),
        )
        e = { ...e, prim: next.prim, params: next.params, inputs }
      }
      return e
    }
    const settle = (e: Equation): Atom => {
      const reduced = reduce(e)
      if ('kind' in reduced) return reduced
      d.emit(reduced)
      return reduced.outputs[0]!
    }
    for (const old of program.equations) {
      const reduced = reduce(d.current(old))
      if ('kind' in reduced) d.replace(old.outputs[0]!, reduced)
      else d.emit(reduced)
    }
    return d.finish()
  }

/**
 * Applies `rules` to a Program and to those it holds until none fits. Values are kept to the last bit: `x + 0` stays for
 * floats (it turns -0 into 0), and so does `x * 0` (NaN); equations that are no longer read are left to `dce`.
 */
export const simplify: Pass = (program) => throughout(simplifyOne(primitivesOf(program)))(program)
