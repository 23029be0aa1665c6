import { afterEach, describe, expect, it } from 'vitest'
import {
  checkpoint,
  cond,
  configure,
  DonatedError,
  grad,
  hessian,
  jit,
  jvp,
  linearize,
  np,
  scan,
  scope,
  TraceError,
  vjp,
  vmap,
  whileLoop,
} from 'adjoint'
import type { Tensor } from 'adjoint'
import { thrown } from './thrown.js'

const x = np.array([1, 2, 3])

describe('a traced value has no value yet', () => {
  const reads: Readonly<Record<string, (t: Tensor) => unknown>> = {
    'x > 0': (t) => Number(t) > 0,
    'a bare comparison': (t) => (t as unknown as number) > 0,
    'Number(x)': Number,
    '+x': (t) => +(t as unknown as number),
    'x + 1': (t) => (t as unknown as number) + 1,
    'x <= 1': (t) => (t as unknown as number) <= 1,
    'a template literal': (t) => `${t as unknown as string}`,
    'String(x)': String,
    'JSON.stringify': JSON.stringify,
    'item()': (t) => t.item(),
    'toArray()': (t) => t.toArray(),
    'toTypedArray()': (t) => t.toTypedArray(),
  }
  const transforms: Readonly<Record<string, (f: (t: Tensor) => unknown, value: Tensor) => unknown>> = {
    jit: (f, v) => jit(f)(v),
    vmap: (f, v) => vmap(f)(np.stack([v, v])),
    checkpoint: (f, v) => checkpoint(f)(v),
    scan: (f, v) => scan((c, t) => [c, f(t)], 0, np.stack([v, v])),
    cond: (f, v) => cond(true, f, f, v),
    whileLoop: (f, v) =>
      whileLoop(
        () => true,
        (t) => f(t) as Tensor,
        v,
      ),
    'grad inside jit': (f, v) =>
      jit(
        grad((t: Tensor) => {
          f(t)
          return np.sum(t)
        }),
      )(v),
    'vmap inside grad': (f, v) =>
      grad((t: Tensor) => {
        vmap(f)(np.stack([t, t]))
        return np.sum(t)
      })(v),
    'jvp inside vmap': (f, v) =>
      vmap((t: Tensor) =>
        jvp(
          (s: Tensor) => {
            f(s)
            return s
          },
          [t],
          [t],
        ),
      )(np.stack([v, v])),
  }
  for (const [transform, apply] of Object.entries(transforms))
    for (const [read, f] of Object.entries(reads))
      for (const value of [np.array(2), x])
        it(`${read} of ${value.ndim === 0 ? 'a scalar' : 'a vector'} under ${transform} throws`, () => {
          const text = thrown(() => apply(f, value))
          expect(text).toMatch(/^TraceError: /)
          expect(text).toMatch(value.ndim === 0 ? /x: float32\[\]/ : /x: float32\[3\]/)
          expect(text).toMatch(/np\.where or cond/)
        })

  it('says which transform, which value and the way out', () => {
    expect(thrown(() => jit((t: Tensor) => ((t as unknown as number) > 0 ? t : np.neg(t)))(np.array(1)))).toMatchInlineSnapshot(`
      "TraceError: a comparison or Number(x): the value of a tensor traced by jit is not known while tracing
        x: float32[]
        try: np.where or cond instead of if, scan or whileLoop instead of a loop; or keep this argument static"
    `)
    expect(thrown(() => vmap((t: Tensor) => (t.item() === 1 ? t : np.neg(t)))(x))).toMatchInlineSnapshot(`
      "TraceError: item: the value of a tensor traced by vmap is not known while tracing
        x: float32[]
        try: np.where or cond instead of if, scan or whileLoop instead of a loop; or keep this argument static"
    `)
    expect(thrown(() => jit((t: Tensor) => np.array(t.toArray() as number[]))(x))).toMatchInlineSnapshot(`
      "TraceError: toArray: the value of a tensor traced by jit is not known while tracing
        x: float32[3]
        try: np.where or cond instead of if, scan or whileLoop instead of a loop; or keep this argument static"
    `)
    expect(
      thrown(() =>
        jit((t: Tensor) => {
          throw new Error(`loss ${String(t)}`)
        })(x),
      ),
    ).toMatchInlineSnapshot(`
      "TraceError: toString: the value of a tensor traced by jit is not known while tracing
        x: float32[3]
        try: np.where or cond instead of if, scan or whileLoop instead of a loop; or keep this argument static"
    `)
    expect(thrown(() => jit((t: Tensor) => np.sin(+JSON.stringify({ t })))(x))).toMatchInlineSnapshot(`
      "TraceError: toArray: the value of a tensor traced by jit is not known while tracing
        x: float32[3]
        try: np.where or cond instead of if, scan or whileLoop instead of a loop; or keep this argument static"
    `)
  })
  it('names the scope', () =>
    expect(thrown(() => jit((t: Tensor) => scope('decoder', () => String(t.toArray())))(x))).toMatchInlineSnapshot(`
    "TraceError: toArray: the value of a tensor traced by jit is not known while tracing
      x: float32[3]
      in: decoder / toArray
      try: np.where or cond instead of if, scan or whileLoop instead of a loop; or keep this argument static"
  `))
  it('read() rejects', async () => {
    let promise: Promise<unknown> | undefined
    jit((t: Tensor) => {
      promise = t.read().catch((e: unknown) => e)
      return t
    })(x)
    expect(await promise).toBeInstanceOf(TraceError)
  })
})

describe('under grad and jvp values are known', () => {
  const f = (t: Tensor): Tensor => {
    if ((t as unknown as number) > 0) return np.mul(t, t)
    return np.neg(t)
  }
  it('a branch', () => {
    expect([grad(f)(np.array(3)).item(), grad(f)(np.array(-3)).item()]).toEqual([6, -1])
    expect(jvp(f, [np.array(3)], [np.array(1)]).map((t) => t.item())).toEqual([9, 6])
    expect(vjp(f, np.array(-3))[1](np.array(1))[0].item()).toBe(-1)
    expect(linearize(f, np.array(3))[1](np.array(1)).item()).toBe(6)
    expect(hessian(f)(np.array(3)).item()).toBe(2)
  })
  it('a loop of unknown length: the Taylor series of the sine', () => {
    const sin = (t: Tensor): Tensor => {
      let [y, term] = [t, t]
      for (let k = 1; Math.abs(Number(term)) > 1e-14; k++) {
        term = np.mul(term, np.div(np.neg(np.mul(t, t)), 2 * k * (2 * k + 1)))
        y = np.add(y, term)
      }
      return y
    }
    const at = np.array(0.7, { dtype: 'float64' })
    expect(sin(at).item()).toBeCloseTo(Math.sin(0.7), 13)
    expect(grad(sin)(at).item()).toBeCloseTo(Math.cos(0.7), 12)
    expect(grad(grad(sin))(at).item()).toBeCloseTo(-Math.sin(0.7), 11)
  })
  it('every way of reading', () => {
    grad((t: Tensor) => {
      expect([t.item(), Number(t), `${t as unknown as string}`, JSON.stringify(t), t.toArray(), [...t.toTypedArray()]]).toEqual([
        2,
        2,
        '2.0',
        '2',
        2,
        [2],
      ])
      return t
    })(np.array(2))
    jvp(
      (t: Tensor) => {
        expect(t.toArray()).toEqual([1, 2, 3])
        return t
      },
      [x],
      [x],
    )
  })
})

describe('a leaked tracer', () => {
  const leak = (run: (keep: (t: Tensor) => void) => unknown): Tensor => {
    let kept: Tensor | undefined
    run((t) => {
      kept = t
    })
    return kept!
  }
  const leaks: Readonly<Record<string, Tensor>> = {
    grad: leak((keep) =>
      grad((t: Tensor) => {
        keep(np.sin(t))
        return np.sum(t)
      })(x),
    ),
    jvp: leak((keep) =>
      jvp(
        (t: Tensor) => {
          keep(np.sin(t))
          return t
        },
        [x],
        [x],
      ),
    ),
    vmap: leak((keep) =>
      vmap((t: Tensor) => {
        keep(t)
        return t
      })(x),
    ),
    jit: leak((keep) =>
      jit((t: Tensor) => {
        keep(np.sin(t))
        return t
      })(x),
    ),
    scan: leak((keep) =>
      scan(
        (c, t) => {
          keep(t)
          return [c, t]
        },
        0,
        x,
      ),
    ),
    checkpoint: leak((keep) =>
      checkpoint((t: Tensor) => {
        keep(t)
        return t
      })(x),
    ),
    whileLoop: leak((keep) =>
      whileLoop(
        () => false,
        (t: Tensor) => {
          keep(t)
          return t
        },
        x,
      ),
    ),
  }
  const uses: Readonly<Record<string, (t: Tensor) => unknown>> = {
    'an operation': (t) => np.add(t, 1),
    'an operation under grad': (t) => grad((s: Tensor) => np.sum(np.mul(s, np.sum(t))))(x),
    'an operation under jit': (t) => jit((s: Tensor) => np.mul(s, t))(x),
    'an operation under vmap': (t) => vmap((s: Tensor) => np.mul(s, t))(x),
    'an argument of jit': (t) => jit(np.sin)(t),
    'an argument of grad': (t) => grad((s: Tensor) => np.sum(np.sin(s)))(t),
    'a constant of scan': (t) => scan((c) => [np.add(c, np.sum(t)), null], np.array(0), null, { length: 2 }),
  }
  for (const [from, t] of Object.entries(leaks))
    for (const [use, f] of Object.entries(uses))
      it(`from ${from} in ${use}`, () =>
        expect(thrown(() => f(t))).toMatch(
          new RegExp(`^TraceError: \\w+: a value traced by ${from} is used outside it\n  x: float32\\[3?\\]\n  try: return the value`),
        ))

  it('says what to do', () =>
    expect(thrown(() => np.add(leaks['jit']!, 1))).toMatchInlineSnapshot(`
    "TraceError: add: a value traced by jit is used outside it
      x: float32[3]
      try: return the value from the transformed function (as an output, or as aux) instead of storing it"
  `))
  it('cannot be read when it never had a value', () =>
    expect(thrown(() => leaks['jit']!.toArray())).toMatchInlineSnapshot(`
    "TraceError: toArray: the value of a tensor traced by jit is not known while tracing
      x: float32[3]
      try: np.where or cond instead of if, scan or whileLoop instead of a loop; or keep this argument static"
  `))
})

describe('a donated tensor', () => {
  const donated = (): Tensor => {
    const w = np.array([1, 2, 3])
    jit((t: Tensor) => np.mul(t, 2), { donate: [0] })(w)
    return w
  }
  const uses: Readonly<Record<string, (t: Tensor) => unknown>> = {
    toArray: (t) => t.toArray(),
    toTypedArray: (t) => t.toTypedArray(),
    toString: String,
    toJSON: JSON.stringify,
    'a comparison': (t) => Number(t) > 0,
    'an operation': (t) => np.add(t, 1),
    'the second operand': (t) => np.add(1, t),
    'an argument of jit': (t) => jit(np.sin)(t),
    'donated again': (t) => jit((s: Tensor) => np.mul(s, 2), { donate: [0] })(t),
    'an argument of grad': (t) => grad((s: Tensor) => np.sum(np.sin(s)))(t),
    'an argument of vmap': (t) => vmap(np.sin)(t),
    'closed over by jit': (t) => jit((s: Tensor) => np.mul(s, t))(x),
    'closed over by scan': (t) => scan((c) => [np.add(c, np.sum(t)), null], np.array(0), null, { length: 2 }),
  }
  for (const [use, f] of Object.entries(uses))
    it(`cannot be used: ${use}`, () =>
      expect(thrown(() => f(donated()))).toMatch(
        /^DonatedError: [\w() ]+: this tensor was donated to a jitted function and its memory reused\n {2}x: float32\[3\]\n {2}try: use the value/,
      ))
  it('read() rejects', () => expect(donated().read()).rejects.toBeInstanceOf(DonatedError))
  it('says what to do', () =>
    expect(thrown(() => donated().toArray())).toMatchInlineSnapshot(`
    "DonatedError: toArray: this tensor was donated to a jitted function and its memory reused
      x: float32[3]
      try: use the value that the function returned, or do not donate this argument"
  `))
  it('item()', () => {
    const w = np.array(1)
    jit((t: Tensor) => np.mul(t, 2), { donate: [0] })(w)
    expect(thrown(() => w.item())).toMatch(/^DonatedError: item/)
  })
  it('still says what it is to console.log', () =>
    expect((donated() as unknown as Record<symbol, () => string>)[Symbol.for('nodejs.util.inspect.custom')]!()).toBe(
      'Tensor float32[3] donated',
    ))
  it('cannot be used twice in the call that consumes it', () => {
    const w = np.array([1, 2])
    expect(thrown(() => jit(np.add, { donate: [0] })(w, w))).toMatchInlineSnapshot(`
      "ValueError: call: a donated tensor is also another argument, or closed over
        x: float32[2]
        try: donate what is used once, or do not donate it"
    `)
    expect(thrown(() => jit((t: Tensor) => np.add(t, w), { donate: [0] })(w))).toMatch(/^ValueError: call: a donated tensor/)
    expect(thrown(() => jit(np.add, { donate: [0] })(np.reshape(w, [2]), w))).toMatch(/^ValueError: call: a donated tensor/)
    expect(w.toArray()).toEqual([1, 2])
  })
  // `jit(init)` may give a parameter back as part of the state: two tensors, one memory, and nobody's mistake.
  it.each([3, 5000])('two that share memory unseen are both donated, and both right: %d elements', (n) => {
    const step = jit((p: Tensor, q: Tensor) => [np.add(p, q), np.mul(q, 3)] as const, { donate: [0, 1] })
    for (let k = 0; k < 3; k++) {
      const p = np.mul(np.ones([n]), 2)
      const q = jit((t: Tensor) => t)(p)
      const [sum, product] = step(p, q)
      expect([sum.toTypedArray(), product.toTypedArray()].map((a) => [...new Set(a)])).toEqual([[4], [6]])
      for (const t of [p, q]) expect(thrown(() => t.toArray())).toMatch(/^DonatedError/)
    }
  })
  it('others stay: results, other arguments, views taken before', () => {
    const [w, g] = [np.array([1, 2, 3, 4]), np.array([1, 1, 1, 1])]
    const view = np.reshape(w, [2, 2])
    const next = jit((p: Tensor, d: Tensor) => np.sub(p, d), { donate: [0] })(w, g)
    expect([next.toArray(), g.toArray(), view.toArray()]).toEqual([
      [0, 1, 2, 3],
      [1, 1, 1, 1],
      [
        [1, 2],
        [3, 4],
      ],
    ])
  })
})

describe('debugNans', () => {
  afterEach(() => {
    configure({ debugNans: false })
  })
  const f = (t: Tensor): Tensor => scope('head', () => np.sum(np.mul(np.log(t), 2)))
  const bad = np.array([1, -1])
  const checked = (run: () => unknown): string => {
    configure({ debugNans: true })
    return thrown(run)
  }
  it('eagerly', () =>
    expect(checked(() => f(bad))).toMatchInlineSnapshot(`
    "ValueError: log: made a NaN of inputs that have none
      input 0: float32[2]   output 0: float32[2]
      in: head / log
      try: look at the inputs of this equation; configure({ debugNans: false }) turns this check off"
  `))
  it('inside jit, the same equation and scope', () => {
    const jitted = jit(f)
    jitted(np.array([1, 2]))
    expect(checked(() => jitted(bad))).toBe(checked(() => f(bad)))
  })
  it('inside scan', () =>
    expect(checked(() => scan((c, t: Tensor) => scope('cell', () => [np.add(c, np.log(t)), null]), np.array(0), bad)))
      .toMatchInlineSnapshot(`
    "ValueError: log: made a NaN of inputs that have none
      input 0: float32[]   output 0: float32[]
      in: cell / log
      try: look at the inputs of this equation; configure({ debugNans: false }) turns this check off"
  `))
  it('inside cond and whileLoop', () => {
    expect(checked(() => cond(true, np.sqrt, np.neg, np.array(-1)))).toMatch(/^ValueError: sqrt: made a NaN/)
    expect(
      checked(() =>
        whileLoop(
          (t) => np.less(t, 5),
          (t) => np.add(np.sqrt(t), t),
          np.array(-4),
        ),
      ),
    ).toMatch(/^ValueError: sqrt: made a NaN/)
  })
  it('in the derivative', () =>
    expect(checked(() => grad((t: Tensor) => np.mul(np.sqrt(t), np.sqrt(t)))(np.array(0)))).toMatchInlineSnapshot(`
    "ValueError: mul: made a NaN of inputs that have none
      input 0: float32[]   input 1: float32[]   output 0: float32[]
      try: look at the inputs of this equation; configure({ debugNans: false }) turns this check off"
  `))
  it('under vmap', () => expect(checked(() => vmap(np.log)(bad))).toMatch(/^ValueError: log: made a NaN/))
  it('passes what was NaN before, and everything when off', () => {
    configure({ debugNans: true })
    expect(np.add(np.array([NaN]), 1).toArray()).toEqual([NaN])
    configure({ debugNans: false })
    expect(f(bad).item()).toBe(NaN)
  })
})
