import { describe, expect, it } from 'vitest'
import { plan } from '../../../src/compile/plan.js'
import { aval } from '../../../src/core/aval.js'
import type { TypedArray } from '../../../src/core/dtype.js'
import type { AnyPrimitive, ControlForm, Params } from '../../../src/ir/primitive.js'
import { none } from '../../../src/ir/primitive.js'
import type { Atom, Program, Var } from '../../../src/ir/program.js'
import { variables } from '../../../src/ir/program.js'
import { s } from '../../../src/kernel/scalar.js'
import { oneEquation, runProgram, toy, undefinable } from './compute.js'

const f = aval([], 'float32')
const v3 = aval([3], 'float32')
const i = aval([], 'int32')
const b = aval([], 'bool')
const add = (a = f): AnyPrimitive => toy('add', { kind: 'scalar', body: ([x, y]) => s.add(x!, y!) }, [a])
const mul = (a = f): AnyPrimitive => toy('mul', { kind: 'scalar', body: ([x, y]) => s.mul(x!, y!) }, [a])
const less: AnyPrimitive = toy('lt', { kind: 'scalar', body: ([x, y]) => s.lt(x!, y!) }, [b])
const literal = (value: number, a = f): Atom => ({ kind: 'literal', value, aval: a })

/** Writes a Program down: `build` gets its inputs and `emit`, which adds an equation of one output. */
const write = (
  avals: readonly (typeof f)[],
  build: (inputs: readonly Var[], emit: (prim: AnyPrimitive, inputs: readonly Atom[], params?: Params) => Var) => readonly Atom[],
): Program => {
  const fresh = variables()
  const inputs = avals.map(fresh)
  const equations: Program['equations'][number][] = []
  const outputs = build(inputs, (prim, ins, params = none) => {
    const outs = prim
      .shape(
        ins.map((a) => a.aval),
        params,
      )
      .map(fresh)
    equations.push({ prim, inputs: ins, params, outputs: outs, scope: '' })
    return outs[0]!
  })
  return { inputs, equations, outputs }
}

const scalars = (...xs: number[]) => xs.map((x) => Float32Array.of(x))
const int = (x: number) => Int32Array.of(x)
const lists = (outs: readonly TypedArray[]) => outs.map((a) => Array.from(a))

/** A primitive whose parameters are its form, but for the kind. */
const control = (kind: ControlForm['kind'], ins: readonly (typeof f)[], outs: readonly (typeof f)[], params: Params): Program =>
  oneEquation(toy(kind, { kind: 'control', form: (p) => ({ donate: [], ...p, kind }) as unknown as ControlForm }, outs), ins, params)

const square = write([f], ([x], emit) => [emit(mul(), [x!, x!])])
const double = write([f], ([x], emit) => [emit(add(), [x!, x!])])

describe('programs', () => {
  it('reads inputs, literals and earlier values; drops them after their last use', () => {
    const p = write([f, f], ([x, y], emit) => {
      const z = emit(mul(), [x!, y!])
      const w = emit(add(), [z, literal(1)])
      emit(add(), [w, w])
      return [w, z, x!, w, literal(-0)]
    })
    expect(lists(runProgram(p, scalars(2, 3)))).toEqual([[7], [6], [2], [7], [-0]])
    expect(plan(p).steps.map((step) => step.drop.length)).toEqual([1, 0, 1])
  })

  it('shares slots of equal literals, not of 0 and -0', () => {
    const p = write([f], ([x], emit) => [emit(add(), [x!, literal(0)]), emit(add(), [x!, literal(-0)]), emit(add(), [x!, literal(0)])])
    expect(plan(p).literals.map((l) => l.value)).toEqual([0, -0])
  })

  it('swaps its inputs', () => {
    const p = write([f, f], ([x, y]) => [y!, x!])
    expect(lists(runProgram(p, scalars(1, 2)))).toEqual([[2], [1]])
  })
})

describe('control', () => {
  it('calls', () => {
    expect(lists(runProgram(control('call', [f], [f], { program: square }), scalars(3)))).toEqual([[9]])
  })

  it('chooses a branch, clamping the index', () => {
    const p = control('cond', [i, f], [f], { branches: [square, double] })
    expect([-3, 0, 1, 9].map((k) => runProgram(p, [int(k), ...scalars(5)])[0]![0])).toEqual([25, 25, 10, 10])
    const q = control('cond', [b, f], [f], { branches: [square, double] })
    expect(runProgram(q, [Uint8Array.of(1), ...scalars(5)])[0]![0]).toBe(10)
  })

  it('scans both ways, with constants, several carries and outputs', () => {
    const body = write([f, f, f], ([c, h, x], emit) => {
      const next = emit(add(), [emit(mul(), [c!, h!]), x!])
      return [next, h!]
    })
    const params = { body, length: 3, consts: 1, carry: 1 }
    const outs = [f, v3]
    const run = (reverse: boolean) =>
      lists(runProgram(control('scan', [f, f, v3], outs, { ...params, reverse }), [...scalars(10, 1), Float32Array.of(1, 2, 3)]))
    expect(run(false)).toEqual([[1123], [1, 11, 112]])
    expect(run(true)).toEqual([[1321], [132, 13, 1]])
  })

  it('scans nothing', () => {
    const body = write([f, f], ([h, x], emit) => [emit(add(), [h!, x!]), h!])
    const p = control('scan', [f, aval([0], 'float32')], [f, aval([0], 'float32')], {
      body,
      length: 0,
      reverse: false,
      consts: 0,
      carry: 1,
    })
    expect(lists(runProgram(p, [...scalars(7), new Float32Array(0)]))).toEqual([[7], []])
  })

  it('carries slices that do not share memory with the array they came from', () => {
    const body = write([f, f], ([, x]) => [x!, x!])
    const xs = Float32Array.of(1, 2, 3)
    const p = control('scan', [f, v3], [f, v3], { body, length: 3, reverse: false, consts: 0, carry: 1 })
    const [last, ys] = runProgram(p, [...scalars(0), xs])
    xs.fill(0)
    expect(lists([last!, ys!])).toEqual([[3], [1, 2, 3]])
  })

  it('loops while a condition holds', () => {
    const cond = write([f, f], ([limit, x], emit) => [emit(less, [x!, limit!])])
    const body = write([f, f], ([factor, x], emit) => [emit(mul(), [factor!, x!])])
    const p = control('while', [f, f, f], [f], { cond, body, condConsts: 1, bodyConsts: 1 })
    expect(lists(runProgram(p, scalars(100, 3, 1)))).toEqual([[243]])
    expect(lists(runProgram(p, scalars(0, 3, 1)))).toEqual([[1]])
  })

  it('takes the definition of a routine that it does not have', () => {
    const unknown = oneEquation(toy('cholesky', { kind: 'routine', define: undefinable }, [f]), [f], none)
    expect(() => runProgram(unknown, scalars(1))).toThrow('the backend has no routine of this name')
    const known = oneEquation(toy('cholesky', { kind: 'routine', define: { kind: 'inline', run: ([x]) => [x!] } }, [f]), [f], none)
    expect(lists(runProgram(known, scalars(3)))).toEqual([[3]])
  })
})
