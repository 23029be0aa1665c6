/** The domains reach what they are meant to reach: a law is worth no more than the inputs it is tried with. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { primitives } from '../../src/extend.js'
import type { AnyDomain, Application, Site } from '../../laws/index.js'
import { applications, domains } from '../../laws/index.js'

const table = domains as Readonly<Record<string, AnyDomain>>
const parameters = { numRuns: 400, seed: 1 }
const valuesOf = (name: string): readonly Application[] => fc.sample(applications(table[name]!.values), parameters)
const smoothOf = (name: string): readonly Site[] => fc.sample(table[name]!.smooth!, parameters)

type Numbers = readonly number[]
const nested = (params: Site['params'], key: string): Numbers => [params[key] as Numbers | Numbers[]].flat(2)
const some = (name: string, key: string, holds: (v: number) => boolean): boolean =>
  smoothOf(name).some(({ params }) => nested(params, key).some(holds))

describe('domains', () => {
  it('exist for every primitive, and for nothing else', () => {
    expect(Object.keys(table).sort()).toEqual(Object.keys(primitives).sort())
  })

  for (const [name, domain] of Object.entries(table)) {
    if (domain.axisName !== undefined) continue
    it(`${name}: its applications are valid`, () => {
      const prim = primitives[name as keyof typeof primitives] as typeof primitives.neg
      for (const { inputs, params } of valuesOf(name))
        prim.shape(
          inputs.map((x) => x.aval),
          params,
        )
      if (domain.smooth !== null)
        for (const { operands, params } of smoothOf(name))
          expect(
            operands.every((o) => o.dtype !== 'float32' || name === 'cast'),
            JSON.stringify(params),
          ).toBe(true)
    })
  }

  it('have scalars, empty and odd shapes, NaN, infinities, negative zeros and ties', () => {
    for (const name of ['add', 'tanh', 'reduceSum', 'transpose', 'select']) {
      const inputs = valuesOf(name).flatMap((a) => a.inputs)
      const floats = inputs.filter((x) => x.dtype.startsWith('float'))
      expect(
        inputs.some((x) => x.ndim === 0),
        `${name}: scalars`,
      ).toBe(true)
      expect(
        inputs.some((x) => x.size === 0),
        `${name}: empty`,
      ).toBe(true)
      expect(
        inputs.some((x) => x.size > 1 && x.shape.every((n) => n % 2 === 1)),
        `${name}: odd`,
      ).toBe(true)
      for (const v of [NaN, Infinity, -Infinity, -0])
        expect(
          floats.some((x) => [...x.toTypedArray()].some((e) => Object.is(e, v))),
          `${name}: ${v}`,
        ).toBe(true)
      expect(
        floats.some((x) => new Set(x.toTypedArray()).size < x.size),
        `${name}: ties`,
      ).toBe(true)
    }
  })

  it('vary every parameter', () => {
    const covered: Readonly<Record<string, readonly (readonly [string, (v: number) => boolean])[]>> = {
      pad: [
        ['low', (v) => v < 0],
        ['high', (v) => v < 0],
        ['low', (v) => v > 0],
        ['high', (v) => v > 0],
        ['interior', (v) => v > 0],
      ],
      slice: [
        ['step', (v) => v > 1],
        ['start', (v) => v > 0],
      ],
      conv: [
        ['strides', (v) => v > 1],
        ['padding', (v) => v < 0],
        ['padding', (v) => v > 0],
        ['lhsDilation', (v) => v > 1],
        ['rhsDilation', (v) => v > 1],
        ['groups', (v) => v > 1],
      ],
      windowMax: [
        ['window', (v) => v > 1],
        ['strides', (v) => v > 1],
        ['padding', (v) => v < 0],
        ['padding', (v) => v > 0],
        ['windowDilation', (v) => v > 1],
      ],
      patches: [
        ['window', (v) => v > 1],
        ['strides', (v) => v > 1],
        ['padding', (v) => v < 0],
        ['padding', (v) => v > 0],
        ['windowDilation', (v) => v > 1],
      ],
      dotGeneral: [
        ['lhsBatch', (v) => v > 0],
        ['rhsBatch', (v) => v > 0],
        ['lhsContract', (v) => v > 1],
        ['rhsContract', (v) => v > 1],
      ],
      gather: [
        ['batch', (v) => v > 0],
        ['axes', (v) => v > 1],
      ],
      scatter: [
        ['batch', (v) => v > 0],
        ['axes', (v) => v > 1],
      ],
      sort: [
        ['keys', (v) => v > 1],
        ['axis', (v) => v > 0],
      ],
      integerPow: [
        ['n', (v) => v < 0],
        ['n', (v) => v === 0],
        ['n', (v) => v > 2],
      ],
      cumsum: [['axis', (v) => v > 0]],
    }
    for (const [name, wanted] of Object.entries(covered))
      for (const [key, holds] of wanted) expect(some(name, key, holds), `${name}.${key}: ${String(holds)}`).toBe(true)
    for (const n of [2, 3, 4, 5])
      expect(
        smoothOf('conv').some((s) => s.operands[0]!.shape.length === n),
        `conv of ${n - 2} spatial axes`,
      ).toBe(true)
    expect(new Set(smoothOf('scatter').map((s) => s.params.op))).toEqual(new Set(['set', 'add']))
    expect(new Set(smoothOf('scatterReduce').map((s) => s.params.op))).toEqual(new Set(['mul', 'max', 'min']))
    expect(new Set(smoothOf('gather').map((s) => s.params.mode))).toEqual(new Set(['clip', 'zero']))
    expect(new Set(smoothOf('cumprod').map((s) => s.params.reverse))).toEqual(new Set([true, false]))
  })

  it('have zeros where products are differentiated', () => {
    for (const name of ['reduceProd', 'cumprod'] as const)
      expect(
        fc
          .sample(applications(table[name]!.smooth!), parameters)
          .some((a) => [...a.inputs[0]!.toTypedArray()].filter((v) => v === 0).length > 1),
        name,
      ).toBe(true)
  })
})
