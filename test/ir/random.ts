/** Random programs over the toy primitives, and inputs for them. */
import fc from 'fast-check'
import { aval } from '../../src/core/aval.js'
import { hostTensor, scalar } from '../../src/core/tensor.js'
import type { Tensor } from '../../src/core/tensor.js'
import { bind, bindAll } from '../../src/ir/bind.js'
import { none } from '../../src/ir/primitive.js'
import type { Program } from '../../src/ir/program.js'
import { trace } from '../../src/ir/trace.js'
import * as toy from './toy.js'

type Step = readonly [op: number, i: number, j: number, k: number]
type Pool = Tensor[]

const constants = [0, -0, 1, -1, 2, NaN, Infinity, 0.5]
const constant = (k: number): Tensor => scalar(constants[k % constants.length]!, 'float64', false)
const spread = (x: Tensor): Tensor => (x.ndim === 2 ? x : bind(toy.broadcast, [x], { shape: [2, 3], axes: [] }))

/** One step: reads two values of the pool (matrices of [2,3] or scalars) and appends what it makes. */
const steps: readonly ((x: Tensor, y: Tensor, k: number) => readonly Tensor[])[] = [
  (x) => [bind(toy.neg, [x], none)],
  (x) => [bind(toy.abs, [x], none)],
  (x) => [bind(toy.tanh, [x], none)],
  (x) => [bind(toy.wave, [x], none)],
  (x, y) => [bind(toy.add, [x, y], none)],
  (x, y) => [bind(toy.sub, [x, y], none)],
  (x, y) => [bind(toy.mul, [x, y], none)],
  (x, y) => [bind(toy.div, [x, y], none)],
  (x, y) => [bind(toy.max, [x, y], none)],
  (x, y) => [bind(toy.select, [bind(toy.lt, [x, y], none), y, x], none)],
  (x, y) => [bind(toy.select, [bind(toy.not, [bind(toy.lt, [x, y], none)], none), y, x], none)],
  (x, y) => bindAll(toy.both, [x, y], none),
  (x) => [bind(toy.reshape, [bind(toy.reshape, [x], { shape: [x.size] })], { shape: [...x.shape] })],
  (x) => (x.ndim === 0 ? [] : [bind(toy.transpose, [bind(toy.transpose, [x], { perm: [1, 0] })], { perm: [1, 0] })]),
  (x, _, k) => (x.ndim === 0 ? [] : [bind(toy.reverse, [x], { axes: [[], [0], [1], [0, 1]][k % 4]! })]),
  (x) => (x.ndim === 0 ? [] : [bind(toy.reduceSum, [x], { axes: [0, 1] })]),
  (x) =>
    x.ndim === 0
      ? []
      : [spread(bind(toy.reduceSum, [bind(toy.slice, [x], { start: [0, 1], limit: [2, 3], step: [1, 1] })], { axes: [0, 1] }))],
  (x) => [bind(toy.cast, [bind(toy.cast, [x], { dtype: 'float64' })], { dtype: 'float64' })],
  (x, y, k) => [bind(toy.call, [x, y], { program: inner(x, y), name: 'inner', inline: k % 2 === 0 })],
  (x, y) => bindAll(toy.call, [x, y], { program: pair(x, y), name: 'pair' }),
  (x, y) => [bind(toy.checkpoint, [x, y], { program: inner(x, y) })],
  (x, y) => [
    bind(toy.cond, [bind(toy.cast, [bind(toy.lt, [first(x), first(y)], none)], { dtype: 'int32' }), x, y], {
      branches: [inner(x, y), inner(y, x)],
    }),
  ],
  (x, y, k) => bindAll(toy.scan, [x, y, y, x], { body: loop(x, y), length: 2, reverse: k % 2 === 0, consts: 1, carry: 2 }).slice(0, 2),
]

const first = (x: Tensor): Tensor => (x.ndim === 0 ? x : bind(toy.reduceSum, [x], { axes: [0, 1] }))
const sub = (f: (xs: readonly Tensor[]) => readonly Tensor[], ...xs: readonly Tensor[]): Program =>
  trace(
    'sub',
    f,
    xs.map((x) => x.aval),
  ).program
const inner = (x: Tensor, y: Tensor): Program =>
  sub(([a, b]) => [bind(toy.wave, [bind(toy.add, [a!, bind(toy.neg, [b!], none)], none)], none)], x, y)
const pair = (x: Tensor, y: Tensor): Program =>
  sub(([a, b]) => [bind(toy.mul, [a!, bind(toy.mul, [b!, b!], none)], none), bind(toy.tanh, [a!], none)], x, y)
const loop = (x: Tensor, y: Tensor): Program =>
  trace('loop', ([c, a, b, row]) => [bind(toy.mul, [a!, c!], none), bind(toy.sub, [b!, y.ndim === 0 ? b! : a!], none), row!], [
    x.aval,
    y.aval,
    y.aval,
    aval(x.shape.slice(1), x.dtype),
  ]).program

const grow = (pool: Pool, [op, i, j, k]: Step): void => {
  // Operands are drawn from the first and the last few values, so that equal equations and long chains are likely.
  const near = (n: number): Tensor =>
    n % 2 === 0 ? pool[n % Math.min(pool.length, 4)]! : pool[pool.length - 1 - (n % Math.min(pool.length, 4))]!
  const [x, y] = [near(i), k % 5 === 0 ? constant(j) : near(j)]
  const [a, b] = x.ndim === y.ndim ? [x, y] : [spread(x), spread(y)]
  const step = steps[op % steps.length]!
  if (step === steps.at(-1) && a.ndim === 0) return
  pool.push(...step(a, b, k))
}

/** A program of two matrices and a scalar, with one to six outputs. */
export const programs: fc.Arbitrary<Program> = fc
  .tuple(
    fc.array(fc.tuple(fc.nat(99), fc.nat(99), fc.nat(99), fc.nat(99)), { minLength: 1, maxLength: 30, size: 'max' }),
    fc.array(fc.nat(99), { minLength: 1, maxLength: 6, size: 'max' }),
  )
  .map(([list, outs]) => {
    const f = (xs: readonly Tensor[]): readonly Tensor[] => {
      const pool = [...xs]
      for (const step of list) grow(pool, step)
      return outs.map((k) => pool[pool.length - 1 - (k % pool.length)]!)
    }
    return trace('random', f, [aval([2, 3], 'float64'), aval([2, 3], 'float64'), aval([], 'float64')]).program
  })

const element = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -16, max: 16 }).map((n) => n / 8) },
  { weight: 1, arbitrary: fc.constantFrom(0, -0, NaN, Infinity, -Infinity) },
)
const tensor = (shape: readonly number[], size: number): fc.Arbitrary<Tensor> =>
  fc.array(element, { minLength: size, maxLength: size }).map((xs) => hostTensor(aval(shape, 'float64'), Float64Array.from(xs)))

/** Inputs of `programs`. */
export const inputs: fc.Arbitrary<readonly Tensor[]> = fc.tuple(tensor([2, 3], 6), tensor([2, 3], 6), tensor([], 1))
