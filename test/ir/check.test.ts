import { describe, expect, it } from 'vitest'
import { aval } from '../../src/core/aval.js'
import { scope } from '../../src/core/errors.js'
import { scalar } from '../../src/core/tensor.js'
import { bind, bindAll } from '../../src/ir/bind.js'
import { check } from '../../src/ir/check.js'
import { none } from '../../src/ir/primitive.js'
import { nameOf, printProgram } from '../../src/ir/print.js'
import type { Program, Var } from '../../src/ir/program.js'
import { add, both, broadcast, call, cond, mul, programOf, reduceSum, reverse, tanh } from './toy.js'

const p = programOf(
  (x, y) => {
    const z = bind(mul, [x, y], none)
    return bind(add, [bind(tanh, [z], none), z], none)
  },
  [3],
  [3],
)

const v = (id: number, shape: number[] = [3]): Var => ({ kind: 'var', id, aval: aval(shape, 'float64') })
const withEquation = (i: number, change: object): Program => ({
  ...p,
  equations: p.equations.map((e, k) => (k === i ? { ...e, ...change } : e)),
})

describe('check', () => {
  it('returns a good program', () => {
    expect(check(p)).toBe(p)
  })

  it.each<[string, Program, RegExp]>([
    ['a variable defined twice', withEquation(1, { outputs: [v(0)] }), /equation 1: .* = tanh .*: variable 0 is defined twice/],
    [
      'a variable read before it is defined',
      withEquation(0, { inputs: [v(0), v(4)] }),
      /equation 0: c:float64\[3\] = mul a \S+: variable 4 is read before it is defined/,
    ],
    [
      'an aval that the shape rule does not give',
      withEquation(1, { outputs: [v(3, [4])] }),
      /equation 1: .*output 0 is float64\[4\], its shape rule gives float64\[3\]/,
    ],
    [
      'a variable read under another aval',
      withEquation(1, { inputs: [v(2, [4])] }),
      /variable 2 is read as float64\[4\] and defined as float64\[3\]/,
    ],
    ['inputs that the shape rule refuses', withEquation(0, { inputs: [v(0)] }), /shape rule refuses the inputs: mul: 1 operands/],
    ['a missing output', withEquation(0, { prim: both }), /it has 1 outputs, its shape rule gives 2/],
    ['an unknown output of the program', { ...p, outputs: [v(99)] }, /output 0: variable 99 is read before it is defined/],
    ['an input listed twice', { ...p, inputs: [v(0), v(0)] }, /input 0 is listed twice/],
    [
      'a literal with axes',
      withEquation(0, { inputs: [v(0), { kind: 'literal', value: 1, aval: aval([3], 'float64') }] }),
      /literals are scalars/,
    ],
  ])('refuses %s', (_, bad, why) => {
    expect(() => check(bad)).toThrow(why)
  })

  it('looks into the programs that equations hold', () => {
    const bad = { ...p, outputs: [v(99)] }
    const outer = programOf((x, y) => bind(call, [x, y], { program: bad, name: 'f' }), [3], [3])
    expect(() => check(outer)).toThrow(/equation 0: c:float64\[3\] = call\[program=<program of 3> name=f\] a b: .*output 0: variable 99/)
  })
})

describe('printProgram', () => {
  it('names variables a, b, .. z, aa', () => {
    expect([0, 25, 26, 27, 51, 52, 701, 702].map(nameOf)).toEqual(['a', 'z', 'aa', 'ab', 'az', 'ba', 'zz', 'aaa'])
  })

  it('prints one equation per line, scopes as comments, unused values as _', () => {
    const f = programOf(
      (x) =>
        scope('mlp', () => {
          const [s] = bindAll(both, [x, bind(broadcast, [scalar(-0, 'float64')], { shape: [3], axes: [] })], none)
          return scope('sum', () => bind(reduceSum, [s!], { axes: [0] }))
        }),
      [3],
    )
    expect(printProgram(f)).toMatchInlineSnapshot(`
      "{ (a:float64[3]) =>
          b:float64*[3] = broadcast[shape=[3] axes=[]] -0:float64*[]  # mlp
          c:float64[3] _:float64[3] = both a b  # mlp
          d:float64[] = reduceSum[axes=[0]] c  # mlp / sum
        in (d) }"
    `)
  })

  it('indents the programs that equations hold', () => {
    const g = programOf(
      (x) =>
        bind(cond, [scalar(1, 'int32'), x], {
          branches: [programOf((y) => bind(tanh, [y], none), [3]), programOf((y) => bind(reverse, [y], { axes: [0] }), [3])],
        }),
      [3],
    )
    expect(printProgram(programOf((x) => bind(call, [x], { program: g, name: 'g' }), [3]))).toMatchInlineSnapshot(`
      "{ (a:float64[3]) =>
          b:float64[3] = call[name=g
            program={ (a:float64[3]) =>
                b:float64[3] = cond[
                  branches=(
                    { (a:float64[3]) =>
                        b:float64[3] = tanh a
                      in (b) }
                    { (a:float64[3]) =>
                        b:float64[3] = reverse[axes=[0]] a
                      in (b) }
                  )
                ] 1:int32*[] a
              in (b) }
          ] a
        in (b) }"
    `)
  })
})
