/** Algebra that is exact for real numbers and not for floats: like terms are collected, products take one order. */
import type { Aval } from '../../core/aval.js'
import { aval } from '../../core/aval.js'
import { isInexact } from '../../core/dtype.js'
import type { AnyPrimitive, Params } from '../primitive.js'
import { none } from '../primitive.js'
import type { Atom, Equation, Program, Var } from '../program.js'
import { cse } from './cse.js'
import { dce } from './dce.js'
import type { Pass } from './pass.js'
import { draft, freshFor, throughout } from './pass.js'

/** A number times a product of variables, which are in the order of their definition. */
interface Term {
  readonly coefficient: number
  readonly factors: readonly Var[]
}

/** A sum of terms with different factors, by the ids of those. */
type Sum = ReadonlyMap<string, Term>

/** Sums of more terms, and products of more factors, are values of their own. */
const longest = 24

const keyOf = (factors: readonly Var[]): string => factors.map((v) => v.id).join(' ')
const sumOf = (terms: readonly Term[]): Sum => {
  const sum = new Map<string, Term>()
  for (const { coefficient, factors } of terms) {
    const key = keyOf(factors)
    const total = coefficient + (sum.get(key)?.coefficient ?? 0)
    if (total === 0) sum.delete(key)
    else sum.set(key, { coefficient: total, factors })
  }
  return sum
}
const scaled = (sum: Sum, by: number): Sum => sumOf([...sum.values()].map((t) => ({ ...t, coefficient: t.coefficient * by })))
const product = (a: Term, b: Term): Term => ({
  coefficient: a.coefficient * b.coefficient,
  factors: [...a.factors, ...b.factors].sort((v, w) => v.id - w.id),
})
const single = (sum: Sum): Term | undefined => (sum.size === 1 ? [...sum.values()][0] : undefined)

/** The value of a sum without variables. */
const numberOf = (sum: Sum): number | undefined => {
  if (sum.size === 0) return 0
  const term = single(sum)
  return term?.factors.length === 0 ? term.coefficient : undefined
}

const gcd = (a: number, b: number): number => (b === 0 ? Math.abs(a) : gcd(b, a % b))

/** The sum without its common factor, whose sign makes the first term positive: sums that are multiples of each other become one. */
const primitivePart = (sum: Sum): readonly [content: number, part: readonly Term[]] => {
  const terms = [...sum.values()].sort((a, b) => (keyOf(a.factors) < keyOf(b.factors) ? -1 : 1))
  const whole = terms.every((t) => Number.isInteger(t.coefficient))
  const content = (whole ? terms.reduce((g, t) => gcd(g, t.coefficient), 0) : 1) * Math.sign(terms[0]?.coefficient ?? 1)
  return [content, terms.map((t) => ({ ...t, coefficient: t.coefficient / content }))]
}

/** The primitives that sums and products are written with; undefined when the Program lacks one. */
interface Vocabulary {
  readonly add: AnyPrimitive
  readonly sub: AnyPrimitive
  readonly mul: AnyPrimitive
  readonly broadcast: AnyPrimitive | undefined
}
const vocabularyOf = (program: Program): Vocabulary | undefined => {
  const prims = new Map(program.equations.map((e) => [e.prim.name, e.prim]))
  const [add, sub, mul] = ['add', 'sub', 'mul'].map((name) => prims.get(name))
  return add && sub && mul && { add, sub, mul, broadcast: prims.get('broadcast') }
}

const collect = (program: Program, words: Vocabulary): Program => {
  const d = draft(program)
  const fresh = freshFor(program)
  const sums = new Map<number, Sum>()
  const written = new Map<string, Atom>()

  const emit = (prim: AnyPrimitive, inputs: readonly Atom[], params: Params, scope: string): Var => {
    const [a] = prim.shape(
      inputs.map((x) => x.aval),
      params,
    )
    const output = fresh(a!)
    d.emit({ prim, inputs, params, outputs: [output], scope })
    return output
  }
  /** A number as a value like others of `a`; undefined when it would have to be spread and nothing here does that. */
  const constant = (value: number, a: Aval, scope: string): Atom | undefined => {
    const literal: Atom = { kind: 'literal', value, aval: aval([], a.dtype, a.weak) }
    if (a.shape.length === 0) return literal
    return words.broadcast && emit(words.broadcast, [literal], { shape: a.shape, axes: [] }, scope)
  }
  /** The product of a term's factors, without its coefficient. */
  const writeProduct = (factors: readonly Var[], scope: string): Atom | undefined => {
    let value: Atom | undefined = factors[0]
    for (let k = 1; k < factors.length && value !== undefined; k++) {
      const key = keyOf(factors.slice(0, k + 1))
      const known = written.get(key)
      value = known ?? emit(words.mul, [value, factors[k]!], none, scope)
      written.set(key, value)
    }
    return value
  }
  const writeTerm = ({ coefficient, factors }: Term, a: Aval, scope: string): Atom | undefined => {
    const body = writeProduct(factors, scope)
    if (body === undefined || coefficient === 1) return body ?? constant(coefficient, a, scope)
    const by = constant(coefficient, a, scope)
    return by && emit(words.mul, [by, body], none, scope)
  }
  /** A sum as a value of aval `a`; undefined when it cannot be written. */
  const write = (sum: Sum, a: Aval, scope: string): Atom | undefined => {
    const key = `${a.id}: ${[...sum]
      .map(([k, t]) => `${t.coefficient}*${k}`)
      .sort()
      .join(' + ')}`
    const known = written.get(key)
    if (known !== undefined) return known
    const terms = [...sum.values()].sort((p, q) => Math.sign(q.coefficient) - Math.sign(p.coefficient))
    let value: Atom | undefined = terms[0] ? writeTerm(terms[0], a, scope) : constant(0, a, scope)
    for (const term of terms.slice(1)) {
      const next = writeTerm({ ...term, coefficient: Math.abs(term.coefficient) }, a, scope)
      if (value === undefined || next === undefined) return undefined
      value = emit(term.coefficient < 0 ? words.sub : words.add, [value, next], none, scope)
    }
    if (value?.aval !== a) return undefined
    written.set(key, value)
    return value
  }
  const sumFor = (x: Atom): Sum =>
    x.kind === 'literal' ? sumOf([{ coefficient: x.value, factors: [] }]) : (sums.get(x.id) ?? sumOf([{ coefficient: 1, factors: [x] }]))
  /** A sum as one term: a number times a value. */
  const asTerm = (x: Atom, scope: string): Term | undefined => {
    const sum = sumFor(x)
    const whole = single(sum)
    if (sum.size === 0) return { coefficient: 0, factors: [] }
    if (whole !== undefined && whole.factors.length <= longest) return whole
    const [content, part] = primitivePart(sum)
    const value = write(sumOf(part), x.aval, scope)
    return value?.kind === 'var' ? { coefficient: content, factors: [value] } : undefined
  }
  /** True for finite constants; their weakness does not matter, that of other operands must be the result's. */
  const isNumber = (x: Atom): boolean => {
    const number = numberOf(sumFor(x))
    return number !== undefined && Number.isFinite(number)
  }
  /** The numbers spread over a shape count as numbers. */
  const spreadNumber = (e: Equation): Sum | undefined => {
    const x = e.inputs[0]
    return e.prim.name === 'broadcast' && x?.kind === 'literal' ? sumFor(x) : undefined
  }
  const algebra = (e: Equation): Sum | undefined => {
    const [x, y] = e.inputs
    const a = e.outputs[0]!.aval
    if (!isInexact(a.dtype) || !e.inputs.every((i) => isNumber(i) || i.aval === a)) return undefined
    if (e.prim.name === 'neg') return scaled(sumFor(x!), -1)
    if (e.prim.name === 'add' || e.prim.name === 'sub') {
      const sum = sumOf([...sumFor(x!).values(), ...scaled(sumFor(y!), e.prim.name === 'add' ? 1 : -1).values()])
      return sum.size <= longest ? sum : undefined
    }
    if (e.prim.name !== 'mul') return undefined
    const [p, q] = [sumFor(x!), sumFor(y!)]
    for (const [one, other] of [
      [p, q],
      [q, p],
    ] as const) {
      const number = numberOf(one)
      if (number !== undefined) return scaled(other, number)
    }
    const [s, t] = [asTerm(x!, e.scope), asTerm(y!, e.scope)]
    return s && t && s.factors.length + t.factors.length <= longest ? sumOf([product(s, t)]) : undefined
  }
  /** What other equations and the outputs read: the value itself, written now. */
  const settle = (x: Atom, scope: string): void => {
    if (x.kind === 'literal' || d.read(x) !== x) return
    const sum = sums.get(x.id)
    const value = sum && write(sum, x.aval, scope)
    if (value !== undefined && value !== x) d.replace(x, value)
  }

  for (const e of program.equations) {
    const sum = e.outputs.length === 1 ? (spreadNumber(e) ?? algebra(e)) : undefined
    if (sum !== undefined) {
      sums.set(e.outputs[0]!.id, sum)
      continue
    }
    for (const x of e.inputs) settle(x, e.scope)
    d.emit(d.current(e))
  }
  for (const x of program.outputs) settle(x, '')
  return d.finish()
}

/** True when every variable is defined before it is read. */
const closed = (program: Program): boolean => {
  const known = new Set(program.inputs.map((v) => v.id))
  const there = (a: Atom): boolean => a.kind === 'literal' || known.has(a.id)
  return (
    program.equations.every((e) => {
      const ready = e.inputs.every(there)
      for (const v of e.outputs) known.add(v.id)
      return ready
    }) && program.outputs.every(there)
  )
}

const reassociateOne: Pass = (program) => {
  const words = vocabularyOf(program)
  if (words === undefined) return program
  const shorter = dce(cse(collect(program, words)))
  return shorter.equations.length < program.equations.length && closed(shorter) ? shorter : program
}

/**
 * Collects like terms of sums (`a b + c - 3 b a` is `c - 2 a b`) and brings products into one order, so that equal ones
 * meet; products of sums are not multiplied out, which would lose digits. Results differ by rounding, and
 * infinities and NaN may be forgotten: `optimize` does this only when asked to. A Program that does not become shorter stays as it is.
 */
export const reassociate: Pass = throughout(reassociateOne)
