import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Aval } from '../../src/core/aval.js'
import { aval } from '../../src/core/aval.js'
import { scope } from '../../src/core/errors.js'
import type { Tensor } from '../../src/core/tensor.js'
import { hostTensor } from '../../src/core/tensor.js'
import { configure } from '../../src/device/select.js'
import { bind, bindAll } from '../../src/ir/bind.js'
import type { AnyPrimitive, ControlForm, Params } from '../../src/ir/primitive.js'
import { none } from '../../src/ir/primitive.js'
import type { Program } from '../../src/ir/program.js'
import { trace } from '../../src/ir/trace.js'
import type { Expr } from '../../src/kernel/scalar.js'
import { s } from '../../src/kernel/scalar.js'

const f = aval([], 'float32')
const f32 = (...values: number[]): Tensor => hostTensor(aval([values.length], 'float32'), Float32Array.from(values))
const one = (x: number): Tensor => hostTensor(f, Float32Array.of(x))
const elementwise = (name: string, body: (...xs: Expr[]) => Expr): AnyPrimitive => ({
  name,
  shape: (ins) => [ins[0]!],
  linear: { kind: 'zero' },
  batch: 'elementwise',
  lower: { kind: 'scalar', body: (xs) => body(...xs) },
})
const log = elementwise('log', s.log)
const sub = elementwise('sub', s.sub)
const less: AnyPrimitive = { ...elementwise('lt', s.lt), shape: () => [aval([], 'bool')] }
/** A primitive whose parameters are its form, but for the kind. */
const control = (kind: ControlForm['kind'], outs: (params: Params) => readonly Aval[]): AnyPrimitive => ({
  name: kind,
  shape: (_, p: Params) => outs(p),
  linear: { kind: 'zero' },
  batch: 'elementwise',
  lower: { kind: 'control', form: (p: Params) => ({ donate: [], ...p, kind }) as unknown as ControlForm },
})
const outputsOf = (p: unknown): readonly Aval[] => (p as Program).outputs.map((a) => a.aval)
const traced = (g: (xs: readonly Tensor[]) => readonly Tensor[], avals: readonly Aval[]): Program => trace('test', g, avals).program

beforeEach(() => {
  configure({ debugNans: true })
})
afterEach(() => {
  configure({ debugNans: false })
})

describe('debugNans', () => {
  it('names the equation that made a NaN, its avals and its place', () => {
    expect(() => scope('mlp', () => bind(log, [f32(1, -1)], none))).toThrow(
      /^log: made a NaN of inputs that have none\n {2}input 0: float32\[2\] {3}output 0: float32\[2\]\n {2}in: mlp \/ log\n {2}try: /,
    )
  })

  it('lets NaN pass through, and finite values', () => {
    expect(bind(log, [f32(NaN)], none).toArray()).toEqual([NaN])
    expect(bind(log, [f32(0)], none).toArray()).toEqual([-Infinity])
    configure({ debugNans: false })
    expect(bind(log, [f32(-1)], none).toArray()).toEqual([NaN])
  })

  it('looks inside compiled programs', () => {
    const call = control('call', ({ program }) => outputsOf(program))
    const program = traced(([x]) => scope('layer', () => [bind(sub, [bind(log, [x!], none), bind(log, [x!], none)], none)]), [f])
    expect(bindAll(call, [one(2)], { program })[0]!.item()).toBe(0)
    expect(() => bindAll(call, [one(0)], { program })).toThrow(/sub: made a NaN[^]*in: layer/)
  })

  it('looks inside branches, scans and loops, which give what they give otherwise', () => {
    const bad = traced(([x]) => [bind(log, [x!], none)], [f])
    const good = traced(([x]) => [bind(sub, [x!, one(1)], none)], [f])
    const cond = control('cond', ({ branches }) => outputsOf((branches as Program[])[0]))
    const pick = (k: number) => bindAll(cond, [hostTensor(aval([], 'int32'), Int32Array.of(k)), one(-3)], { branches: [good, bad] })
    expect(pick(0)[0]!.item()).toBe(-4)
    expect(() => pick(1)).toThrow('log: made a NaN')

    const scan = control('scan', ({ body, carry, length }) =>
      outputsOf(body).map((a, k) => (k < (carry as number) ? a : aval([length as number, ...a.shape], a.dtype))),
    )
    const body = traced(([h, x]) => [bind(sub, [h!, x!], none), bind(log, [h!], none)], [f, f])
    const params = { body, length: 2, reverse: true, consts: 0, carry: 1 }
    const run = (h: number) => bindAll(scan, [one(h), f32(1, 2)], params).map((t) => t.toArray())
    configure({ debugNans: false })
    const expected = run(5)
    configure({ debugNans: true })
    expect(run(5)).toEqual(expected)
    expect(() => run(1)).toThrow('log: made a NaN')

    const loop = control('while', () => [f])
    const down = (x: number, limit: number) =>
      bindAll(loop, [one(limit), one(x)], {
        cond: traced(([l, y]) => [bind(less, [l!, y!], none)], [f, f]),
        body: good,
        condConsts: 1,
        bodyConsts: 0,
      })[0]!.item()
    expect(down(5, 2)).toBe(2)
  })
})
