import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { aval } from '../../src/core/aval.js'
import { scope } from '../../src/core/errors.js'
import { scalar } from '../../src/core/tensor.js'
import type { Tensor } from '../../src/core/tensor.js'
import { bind, bindAll, install } from '../../src/ir/bind.js'
import { check } from '../../src/ir/check.js'
import { interpret } from '../../src/ir/interpret.js'
import { optimize } from '../../src/ir/optimize.js'
import { cse } from '../../src/ir/passes/cse.js'
import { dce } from '../../src/ir/passes/dce.js'
import { fold } from '../../src/ir/passes/fold.js'
import { inline } from '../../src/ir/passes/inline.js'
import { everyProgram } from '../../src/ir/passes/pass.js'
import { simplify } from '../../src/ir/passes/simplify.js'
import { none } from '../../src/ir/primitive.js'
import type { Primitive } from '../../src/ir/primitive.js'
import { printProgram } from '../../src/ir/print.js'
import type { Program } from '../../src/ir/program.js'
import { trace } from '../../src/ir/trace.js'
import { inputs, programs } from './random.js'
import {
  add,
  broadcast,
  call,
  cast,
  checkpoint,
  div,
  execute,
  mul,
  neg,
  programOf,
  reduceSum,
  reshape,
  reverse,
  scan,
  select,
  slice,
  sub,
  tanh,
  transpose,
  wave,
} from './toy.js'

beforeEach(() => {
  install(execute)
})

const one = (prim: Primitive, ...xs: Tensor[]): Tensor => bind(prim, xs, none)
const bits = (xs: readonly Tensor[]): unknown => xs.map((t) => [t.aval.id, [...t.toTypedArray()]])
const count = (p: Program): number => p.equations.length
const names = (p: Program): string => p.equations.map((e) => e.prim.name).join(' ')
const f64 = (v: number): Tensor => scalar(v, 'float64', false)

const passes = { simplify, fold, cse, dce, inline, optimize }

describe.each(Object.entries(passes))('%s', (name, pass) => {
  it('keeps what random programs compute, to the last bit', () => {
    fc.assert(
      fc.property(programs, inputs, (p, xs) => {
        expect(bits(interpret(check(pass(p)), xs))).toEqual(bits(interpret(p, xs)))
      }),
      { numRuns: 1000 },
    )
  })

  it('keeps inputs and the avals of outputs', () => {
    fc.assert(
      fc.property(programs, (p) => {
        const q = pass(p)
        expect(q.inputs).toBe(p.inputs)
        expect(q.outputs.map((a) => a.aval)).toEqual(p.outputs.map((a) => a.aval))
      }),
    )
  })

  it('has nothing to do the second time', () => {
    fc.assert(
      fc.property(programs, (p) => {
        const once = pass(p)
        expect(printProgram(pass(once))).toBe(printProgram(once))
        expect(pass(once)).toBe(once)
      }),
      { numRuns: 300 },
    )
  })

  if (name !== 'inline' && name !== 'optimize' && name !== 'simplify')
    it('does not grow', () => {
      fc.assert(
        fc.property(programs, (p) => {
          expect(count(pass(p))).toBeLessThanOrEqual(count(p))
        }),
      )
    })

  it('is not recursive in the length of the program', () => {
    const long = programOf((x) => {
      let y = x
      for (let i = 0; i < 33_333; i++) y = one(tanh, one(neg, one(add, y, y)))
      return y
    }, [])
    expect(count(pass(long))).toBe(99_999)
  })
})

describe('check', () => {
  it('accepts the long chain', () => {
    const long = programOf((x) => {
      let y = x
      for (let i = 0; i < 100_000; i++) y = one(tanh, y)
      return y
    }, [])
    expect(check(long)).toBe(long)
  })
})

describe('simplify', () => {
  const simple = (f: (x: Tensor, y: Tensor) => Tensor, shape: number[] = [2, 3]): string => names(dce(simplify(programOf(f, shape, shape))))
  const of = (v: number, x: Tensor): Tensor => (x.ndim === 0 ? f64(v) : bind(broadcast, [f64(v)], { shape: [...x.shape], axes: [] }))

  it.each<[string, (x: Tensor, y: Tensor) => Tensor, string]>([
    ['x + -0 = x', (x) => one(add, x, of(-0, x)), ''],
    ['x + 0 stays, because -0 + 0 = 0', (x) => one(add, x, of(0, x)), 'broadcast add'],
    ['x - 0 = x', (x) => one(sub, x, of(0, x)), ''],
    ['x * 1 = x', (x) => one(mul, of(1, x), x), ''],
    ['x * 0 stays, because NaN * 0 = NaN', (x) => one(mul, of(0, x), x), 'broadcast mul'],
    ['x / 1 = x', (x) => one(div, x, of(1, x)), ''],
    ['--x = x', (x) => one(neg, one(neg, x)), ''],
    ['(-x)(-y) = xy', (x, y) => one(mul, one(neg, x), one(neg, y)), 'mul'],
    ['x - (-y) = x + y, with an add at hand', (x, y) => one(sub, one(add, x, x), one(neg, y)), 'add add'],
    ['x - (-y) stays without one', (x, y) => one(sub, x, one(neg, y)), 'neg sub'],
    ['reshapes compose', (x) => bind(reshape, [bind(reshape, [x], { shape: [6] })], { shape: [3, 2] }), 'reshape'],
    ['and vanish', (x) => bind(reshape, [bind(reshape, [x], { shape: [6] })], { shape: [2, 3] }), ''],
    ['transposes compose and vanish', (x) => bind(transpose, [bind(transpose, [x], { perm: [1, 0] })], { perm: [1, 0] }), ''],
    ['reverses compose', (x) => bind(reverse, [bind(reverse, [x], { axes: [0, 1] })], { axes: [1] }), 'reverse'],
    ['and vanish', (x) => bind(reverse, [bind(reverse, [x], { axes: [1] })], { axes: [1] }), ''],
    [
      'slices compose',
      (x) =>
        bind(slice, [bind(slice, [x], { start: [0, 1], limit: [2, 3], step: [1, 1] })], { start: [1, 1], limit: [2, 2], step: [1, 1] }),
      'slice',
    ],
    [
      'slices compose with steps',
      (x) =>
        bind(slice, [bind(slice, [bind(reshape, [x], { shape: [6] })], { start: [1], limit: [6], step: [2] })], {
          start: [0],
          limit: [3],
          step: [2],
        }),
      'reshape slice',
    ],
    ['the whole slice is x', (x) => bind(slice, [x], { start: [0, 0], limit: [2, 3], step: [1, 1] }), ''],
    ['cast to the same dtype', (x) => bind(cast, [x], { dtype: 'float64' }), ''],
    ['cast that loses something stays', (x) => bind(cast, [bind(cast, [x], { dtype: 'float32' })], { dtype: 'float64' }), 'cast cast'],
    ['select of equal branches', (x, y) => one(select, bind(cast, [y], { dtype: 'bool' }), x, x), ''],
    ['a sum of floats over no axes stays: it turns -0 into 0', (x) => bind(reduceSum, [x], { axes: [] }), 'reduceSum'],
    ['constants are combined before they are broadcast', (x) => one(mul, x, one(add, of(2, x), of(3, x))), 'add broadcast mul'],
  ])('%s', (_, f, expected) => {
    expect(simple(f)).toBe(expected)
  })

  it('does not turn a strong value into a weak one', () => {
    const { program } = trace('f', ([x]) => [one(mul, x!, f64(1))], [aval([], 'float64', true)])
    expect(names(simplify(program))).toBe('mul')
  })
})

describe('fold', () => {
  it('computes with the executor', () => {
    const p = programOf((x) => {
      const c = trace('c', () => [one(tanh, one(add, f64(0.5), f64(0.25)))], []).program
      return one(mul, x, interpret(c, [])[0]!)
    }, [])
    expect(printProgram(dce(fold(p)))).toBe(`{ (a:float64[]) =>\n    b:float64[] = mul a ${Math.tanh(0.75)}:float64[]\n  in (b) }`)
  })
})

describe('cse', () => {
  it('merges equal equations, commuted ones too, and their readers', () => {
    const p = programOf((x, y) => one(sub, one(tanh, one(add, x, y)), one(tanh, one(add, y, x))), [], [])
    expect(names(cse(p))).toBe('add tanh sub')
  })
  it('tells 0 from -0, and parameters apart', () => {
    const p = programOf(
      (x, y) => [one(add, x, f64(0)), one(add, x, f64(-0)), bind(reverse, [y], { axes: [] }), bind(reverse, [y], { axes: [0] })],
      [],
      [3],
    )
    expect(cse(p)).toBe(p)
  })
  it('never merges checkpoints', () => {
    const body = programOf((x) => one(tanh, x), [])
    const p = programOf((x) => one(add, bind(checkpoint, [x], { program: body }), bind(checkpoint, [x], { program: body })), [])
    expect(names(cse(p))).toBe('checkpoint checkpoint add')
    const q = programOf((x) => one(add, bind(call, [x], { program: body }), bind(call, [x], { program: body })), [])
    expect(names(cse(q))).toBe('call add')
  })
})

describe('dce', () => {
  it('narrows calls', () => {
    const body = programOf((x, y) => [one(tanh, x), one(neg, y)], [], [])
    const p = dce(programOf((x, y) => bindAll(call, [x, y], { program: body })[0]!, [], []))
    expect(p.equations[0]!.inputs).toHaveLength(1)
    expect(printProgram(p)).toMatchSnapshot()
  })
  it('keeps track of donated inputs', () => {
    const body = programOf((x, _y, z) => bind(add, [bind(tanh, [z], none), x], none), [], [], [])
    const p = dce(programOf((x, y, z) => bindAll(call, [x, y, z], { program: body, donate: [0, 1, 2] })[0]!, [], [], []))
    expect(p.equations[0]!.params.donate).toEqual([0, 1])
    expect(p.equations[0]!.inputs).toEqual([p.inputs[0], p.inputs[2]])
  })
  it('narrows scans: carried values that only feed themselves go', () => {
    const body = programOf((c, a, b, x) => [one(add, a, x), one(mul, b, c), one(tanh, a), one(neg, b)], [], [], [], [])
    const p = dce(
      programOf(
        (c, a, b, xs) => {
          const [sum, , ys] = bindAll(scan, [c, a, b, xs], { body, length: 4, reverse: false, consts: 1, carry: 2 })
          return [sum!, ys!]
        },
        [],
        [],
        [],
        [4],
      ),
    )
    expect(printProgram(p)).toMatchSnapshot()
    expect(check(p)).toBe(p)
  })
})

describe('inline', () => {
  it('expands at every depth, with the scope of the equation', () => {
    const deep = programOf((x) => one(wave, x), [])
    const mid = programOf((x) => bind(call, [one(neg, x)], { program: deep }), [])
    const p = inline(programOf((x) => one(add, bind(call, [x], { program: mid, donate: [] }), x), []))
    expect(names(p)).toBe('neg tanh add sub add')
    const kept = inline(programOf((x) => bind(call, [x], { program: mid, donate: [0] }), []))
    expect(names(kept)).toBe('call')
    const held: string[] = []
    everyProgram(kept, (q) => {
      held.push(names(q))
    })
    expect(held).toEqual(['call', 'neg tanh add sub'])
  })
  it('leaves what is called in its own scope, and puts an expansion in that of its equation', () => {
    const body = programOf((x) => scope('inside', () => one(neg, x)), [])
    const p = inline(programOf((x) => scope('layer', () => one(wave, bind(call, [x], { program: body }))), []))
    expect(p.equations.map((e) => `${e.scope}: ${e.prim.name}`)).toEqual(['inside: neg', 'layer: tanh', 'layer: add', 'layer: sub'])
  })
  it('copies a Program that is called again and again until 4096 equations are added', () => {
    const called = programOf((x) => one(neg, one(neg, one(neg, one(neg, x)))), [])
    const calls = (n: number): string => {
      const p = programOf((x) => {
        let y = x
        for (let k = 0; k < n; k++) y = bind(call, [y], { program: called })
        return y
      }, [])
      return inline(p)
        .equations.map((e) => e.prim.name)
        .join(' ')
    }
    expect(calls(1025)).toBe(new Array<string>(4100).fill('neg').join(' '))
    expect(calls(1026)).toBe(new Array<string>(1026).fill('call').join(' '))
  })
})
