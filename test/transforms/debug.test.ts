import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { optimizeProgram } from '../../src/extend.js'
import type { Tensor } from '../../src/index.js'
import {
  checkpoint,
  cond,
  configure,
  customJvp,
  customVjp,
  debug,
  evalShape,
  explain,
  foriLoop,
  grad,
  hessian,
  jacfwd,
  jit,
  jvp,
  linearize,
  np,
  printProgram,
  reference,
  scan,
  trace,
  ValueError,
  vjp,
  vmap,
  wasm,
  whileLoop,
} from '../../src/index.js'

/** What was printed since the last look. */
const printed = (): string[] => {
  const lines = vi.mocked(console.log).mock.calls.map((c) => c.join(' '))
  vi.mocked(console.log).mockClear()
  return lines
}

beforeEach(() => {
  vi.spyOn(console, 'log').mockImplementation(() => undefined)
})
afterEach(() => {
  vi.mocked(console.log).mockRestore()
})

/** Prints what it is given on the way. */
const shown = (x: Tensor): Tensor => {
  debug.print('x = {x}', { x })
  return np.square(x)
}
const two = np.array(2)
const three = np.array([1, 2, 3])

describe.each([reference, wasm])('debug on $name', (backend) => {
  beforeAll(() => {
    configure({ backend })
  })
  afterAll(() => {
    configure({ backend: 'wasm' })
  })

  it('prints at every run: eagerly, compiled, in what is compiled', () => {
    for (const f of [shown, jit(shown), jit((x: Tensor) => jit(shown)(x)), checkpoint(shown), jit(checkpoint(shown))]) {
      expect(printed()).toEqual([])
      expect([f(two).item(), f(two).item(), f(np.array(3)).item()]).toEqual([4, 4, 9])
      expect(printed()).toEqual(['x = 2.0', 'x = 2.0', 'x = 3.0'])
    }
    evalShape(shown, two)
    trace(shown, two)
    expect(printed()).toEqual([])
  })
  it('prints the value under differentiation, once', () => {
    const total = (x: Tensor): Tensor => np.sum(shown(x))
    const runs: readonly (() => unknown)[] = [
      () => grad(total)(two),
      () => jit(grad(total))(two),
      () => grad(jit(total))(two),
      () => grad(grad(total))(two),
      () => jvp(total, [two], [two]),
      () => jvp(jit(total), [two], [two]),
      () => vjp(total, two)[1](two),
      () => linearize(total, two)[1](two),
      () => hessian(total)(two),
      () => jacfwd(total)(two),
      () => grad((x: Tensor) => scan((c: Tensor) => [shown(c), null], x, null, { length: 1 })[0])(two),
      () => grad((x: Tensor) => cond(np.array(true), shown, np.neg, x))(two),
      () => jvp((x: Tensor) => whileLoop((c) => np.less(c, 3), shown, x), [two], [two]),
    ]
    for (const run of runs) {
      run()
      expect([run.toString(), ...printed()]).toEqual([run.toString(), 'x = 2.0'])
    }
  })
  it('prints again what checkpoint computes again', () => {
    for (const f of [grad((x: Tensor) => checkpoint(shown)(x)), jit(grad((x: Tensor) => checkpoint(shown)(x)))]) {
      expect(f(two).item()).toBe(4)
      expect(printed()).toEqual(['x = 2.0', 'x = 2.0'])
    }
  })
  it('prints once for each member of a batch, in order', () => {
    const each = ['x = 1.0', 'x = 2.0', 'x = 3.0']
    for (const f of [
      vmap(shown),
      jit(vmap(shown)),
      vmap(jit(shown)),
      vmap(grad(shown)),
      vmap((x: Tensor) => foriLoop(0, 1, (_, c: Tensor) => shown(c), x)),
    ]) {
      f(three)
      expect(printed()).toEqual(each)
    }
    const pair = (x: Tensor, y: Tensor): Tensor => {
      debug.print('{} {}', x, y)
      debug.print('then {}', y)
      return x
    }
    for (const wrap of [<F>(f: F): F => f, jit as never]) {
      const both = (vmap as (f: unknown, axes: unknown) => unknown)(vmap(pair, { inAxes: [null, 0] }), { inAxes: [0, null] })
      ;(wrap(both) as typeof pair)(np.array([1, 2]), np.array([3, 4]))
      expect(printed()).toEqual(['1.0 3.0', '1.0 4.0', '2.0 3.0', '2.0 4.0', 'then 3.0', 'then 4.0'])
    }
    vmap((x: Tensor) => (debug.print('once'), x))(three)
    vmap(shown)(np.zeros([0]))
    expect(printed()).toEqual(['once'])
  })
  it('prints in loops and in the branch that is taken', () => {
    const f = jit((x: Tensor) => {
      const [c, ys] = scan(
        (acc: Tensor, y: Tensor) => {
          debug.print('step {} {}', acc, y)
          return [np.add(acc, y), acc]
        },
        np.array(0),
        x,
      )
      const w = whileLoop(
        (v: Tensor) => (debug.print('test {}', v), np.less(v, 8)),
        (v) => (debug.print('body {}', v), np.add(v, 1)),
        c,
      )
      const name = (n: string) => (v: Tensor) => (debug.print('{} {}', n, v), v)
      return [cond(np.greater(w, 7), name('yes'), name('no'), w), ys]
    })
    f(three)
    const lines = ['step 0.0 1.0', 'step 1.0 2.0', 'step 3.0 3.0', 'test 6.0', 'body 6.0', 'test 7.0', 'body 7.0', 'test 8.0', 'yes 8.0']
    expect(printed()).toEqual(lines)
  })
  it('keeps effects that nothing reads, equal ones, those of constants, and what they alone need', () => {
    const lonely = jit((x: Tensor) => {
      debug.print('same')
      debug.print('same')
      debug.print('{}', np.array(3))
      scan((c: Tensor, y: Tensor) => (debug.print('{} {}', c, np.mul(y, 2)), [np.add(c, 1), np.sin(y)]), np.array(10), x)
      cond(np.array(true), (y: Tensor) => (debug.print('sum {}', np.sum(y)), np.exp(y)), np.neg, x)
      foriLoop(0, 2, (i, c: Tensor) => (debug.print('i {}', i), c), two)
      return 7
    })
    for (const _ of [0, 1]) {
      expect(lonely(three).item()).toBe(7)
      expect(printed()).toEqual(['same', 'same', '3.0', '10.0 2.0', '11.0 4.0', '12.0 6.0', 'sum 6.0', 'i 0', 'i 1'])
    }
    jit(() => {
      debug.print('nothing else')
    })()
    expect(printed()).toEqual(['nothing else'])
  })
  it('keeps the order of the program, whatever is fused around it', () => {
    const f = jit((x: Tensor) => {
      const [a, b] = [np.sin(x), np.cos(x)]
      debug.print('1 {}', np.max(np.add(a, b)).shape.length)
      const y = np.mul(a, np.sum(b))
      debug.print('2 {}', np.sum(np.mul(x, 0)))
      const late = np.exp(x)
      debug.print('3 {}', np.sum(np.mul(y, 0)))
      foriLoop(0, 2, (_, c: Tensor) => (debug.print('4'), np.add(c, 1)), two)
      debug.print('5 {}', np.sum(np.mul(late, np.mul(b, 0))))
      return [np.add(y, late), np.sum(np.mul(a, late))]
    })
    f(np.linspace(0, 1, 5000))
    expect(printed()).toEqual(['1 0', '2 0.0', '3 0.0', '4', '4', '5 0.0'])
  })
  it('runs in functions with derivatives of their own', () => {
    const mine = customJvp(shown, ([x], [dx]) => [np.square(x), np.mul(np.mul(2, x), dx)])
    expect([mine(two).item(), jit(mine)(two).item(), grad(mine)(two).item()]).toEqual([4, 4, 4])
    expect(printed()).toEqual(['x = 2.0', 'x = 2.0', 'x = 2.0'])
    jit((x: Tensor) => (mine(x), x))(two)
    expect(printed()).toEqual(['x = 2.0'])
    const theirs = customVjp(shown, {
      fwd: (x: Tensor) => [shown(x), x],
      bwd: (x, ct) => (debug.print('back {}', ct), [np.mul(np.mul(2, x), ct)]),
    })
    expect(theirs(two).item()).toBe(4)
    expect(printed()).toEqual(['x = 2.0'])
    expect(grad(theirs)(two).item()).toBe(4)
    expect(printed()).toEqual(['x = 2.0', 'back 1.0'])
    expect(jit(grad(theirs))(two).item()).toBe(4)
    expect(printed()).toEqual(['x = 2.0', 'back 1.0'])
  })
  it('calls back with values that may be kept, and ends the run where it throws', () => {
    const kept: unknown[] = []
    const f = jit((x: Tensor) => {
      debug.callback(({ y, n }, name) => kept.push([y.toArray(), n.item(), name]), { y: np.mul(x, 2), n: 3 }, 'a')
      return x
    })
    f(three)
    expect(kept).toEqual([[[2, 4, 6], 3, 'a']])
    const cause = new Error('stop')
    const watch = (): never => {
      throw cause
    }
    const g = (x: Tensor): Tensor => {
      debug.callback(watch, x)
      debug.print('not reached')
      return x
    }
    for (const run of [g, jit(g), vmap(g), grad((x: Tensor) => np.sum(g(x)))])
      expect(() => run(three)).toThrow(
        new ValueError('debug.callback: watch threw Error: stop\n  try: error.cause is what it threw', { cause }),
      )
    expect(printed()).toEqual([])
    expect(() => {
      debug.callback(async () => Promise.resolve(1))
    }).toThrow('debug.callback: the function returned a Promise')
  })
})

describe('debug in Programs', () => {
  const equations = (f: (x: Tensor) => unknown): string => printProgram(optimizeProgram(trace(f, three).program))

  it('is an equation without results, and a step of the host', () => {
    expect(equations(shown)).toMatchInlineSnapshot(`
      "{ (a:float32[3]) =>
          debugCallback[f=<print> batches=[]] a
          b:float32[3] = integerPow[n=2] a
        in (b) }"
    `)
    const [first, ...others] = explain(jit(shown), three).steps.map((s) => s.name)
    expect(first).toBe('host debugCallback')
    expect(others.length).toBe(1)
  })
})

describe('debug.print', () => {
  it('fills fields by turn, by position and by name; braces are doubled', () => {
    debug.print('{{}} {} {}', 'a', 2)
    debug.print('{1}{0}{1}', 'a', -0)
    debug.print('{} {x} {y}', true, { x: np.array([1.5, 2]), y: { w: [np.array(1, { dtype: 'int32' }), null], b: [] } })
    debug.print('{x}', { x: { y: 1n } })
    debug.print('100%')
    expect(printed()).toEqual(['{} a 2', '-0a-0', 'true [1.5 2. ] { w: [1, null], b: [] }', '{ y: 1 }', '100%'])
  })
  it.each([
    ['{', [], "debug.print: '{' has a single '{'\n  try: '{{' for the character"],
    ['a }', [], "has a single '}'"],
    ['{} {}', [1], 'has 2 fields by position for 1 argument'],
    ['none', [1], 'has 0 fields by position for 1 argument'],
    ['{} {0}', [1], "has both '{}' and numbered fields"],
    ['{x:.3f}', [{ x: 1 }], 'has the field {x:.3f}, which is no position and no name'],
    ['{x}', [], 'names x, but the last argument is undefined'],
    ['{x}', [3], 'names x, but the last argument is 3'],
    ['{x}', [three], 'names x, but the last argument is a tensor float32[3]'],
    ['{x}', [{ y: 1 }], 'names x, which the last argument does not have'],
    ['{toString}', [{}], 'names toString, which the last argument does not have'],
    ['{x}', [{ x: 1, y: 2 }], "does not name y, which the last argument has\n  try: '{y}', or leave it out"],
    [3 as never, [], 'debug.print: format must be a text'],
  ])('refuses %s of %j', (format, args, why) => {
    expect(() => {
      debug.print(format, ...args)
    }).toThrow(ValueError)
    expect(() => {
      debug.print(format, ...args)
    }).toThrow(why)
    expect(printed()).toEqual([])
  })
})
