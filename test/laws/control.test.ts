/** The primitives that hold Programs, under the laws of primitives; and their mutants. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Program, Tensor } from '../../src/index.js'
import type { AnyPrimitive, Params } from '../../src/extend.js'
import { isInexact, np, shapeDtype, trace, whileLoop } from '../../src/index.js'
import { bindAll, controlPrimitives } from '../../src/extend.js'
import { mul } from '../../src/prim/arithmetic.js'
import { like } from '../../src/prim/structure.js'
import type { AnyDomain, Operand, Site } from '../../laws/index.js'
import { applications, checkPoint, controlDomains, laws, LawError, operand, site, tensorOf } from '../../laws/index.js'
import { options } from './options.js'

const vector = shapeDtype([2], 'float64')
const scalar64 = shapeDtype([], 'float64')
const programOf = (f: (...xs: readonly Tensor[]) => readonly Tensor[], ...like: readonly Tensor[]): Program => trace(f, ...like).program

// Made anew for every test: what is derived from a Program, its constants among it, lives as long as the Program.
const first = (): Program => programOf((x, y) => [np.mul(np.sin(x), y), np.sum(np.mul(x, x)), np.exp(y)], vector, scalar64)
const second = (): Program => programOf((x, y) => [np.sub(x, np.tanh(y)), np.mul(y, 3), y], vector, scalar64)
const body = (): Program => programOf((w, c, x) => [np.tanh(np.add(np.mul(w, c), x)), np.mul(np.sin(c), np.sum(x))], vector, vector, vector)

const pair: readonly Operand[] = [operand([2], 'float64'), operand([], 'float64')]
const always = (s: Site): AnyDomain => ({ smooth: fc.constant(s), values: fc.constant(s), fixed: true })
const varied = (sites: readonly Site[]): AnyDomain => ({
  smooth: fc.constantFrom(...sites),
  values: fc.constantFrom(...sites),
  fixed: true,
})

const scans = (): readonly Site[] =>
  [0, 1, 3].flatMap((length) =>
    [false, true].map((reverse) =>
      site({ body: body(), length, reverse, consts: 1, carry: 1 }, [
        operand([2], 'float64'),
        operand([2], 'float64'),
        operand([length, 2], 'float64'),
      ]),
    ),
  )

const cases: Readonly<Record<string, readonly [AnyPrimitive, () => AnyDomain]>> = {
  call: [controlPrimitives.call, () => always(site({ program: first(), name: 'f', donate: [] }, pair))],
  checkpoint: [controlPrimitives.checkpoint, () => always(site({ program: first() }, pair))],
  cond: [
    controlPrimitives.cond,
    () => always(site({ branches: [first(), second(), first()] }, [operand([], 'int32', fc.integer({ min: -1, max: 3 })), ...pair])),
  ],
  scan: [controlPrimitives.scan, () => varied(scans())],
}

const times = (factor: number, xs: readonly (Tensor | null)[]): readonly (Tensor | null)[] =>
  xs.map((x) => (x === null ? null : mul(x, like(x, factor))))

/** Copies of a structured primitive in which one of its three maps is multiplied by a factor. */
const structuredMutants = (prim: AnyPrimitive, factor: number): Readonly<Record<string, AnyPrimitive>> => {
  const { linear } = prim
  if (linear.kind !== 'structured') return {}
  const changed = (which: 'push' | 'pull'): AnyPrimitive => ({
    ...prim,
    linear: {
      ...linear,
      forward: (inputs, active, params: Params) => {
        const run = linear.forward(inputs, active, params)
        return {
          ...run,
          map: {
            ...run.map,
            [which]: (saved: readonly Tensor[], ds: readonly (Tensor | null)[]) => times(factor, run.map[which](saved, ds)),
          },
        }
      },
    },
  })
  return {
    jvp: {
      ...prim,
      linear: {
        ...linear,
        jvp: (inputs, tangents, params: Params) => {
          const [ys, dys] = linear.jvp(inputs, tangents, params)
          return [ys, times(factor, dys)]
        },
      },
    },
    push: changed('push'),
    pull: changed('pull'),
  }
}

const thrownBy = (f: () => void): unknown => {
  try {
    f()
  } catch (error) {
    return error
  }
  return undefined
}

describe('the laws of control primitives', () => {
  for (const [name, prim] of Object.entries<AnyPrimitive>(controlPrimitives)) {
    const { smooth } = controlDomains[name as keyof typeof controlPrimitives] as AnyDomain
    if (smooth === null) continue
    it(`${name}, of random Programs, to second order`, () => {
      for (const { inputs, params } of fc.sample(applications(smooth), { numRuns: 12, seed: 3 })) {
        const at = inputs.map((_, k) => k).filter((k) => isInexact(inputs[k]!.dtype))
        const f = (...xs: readonly Tensor[]): readonly Tensor[] =>
          bindAll(
            prim,
            inputs.map((x, k) => (at.includes(k) ? xs[at.indexOf(k)]! : x)),
            params as Params,
          )
        checkPoint({ f, xs: at.map((k) => inputs[k]!) }, { order: 2 })
      }
    })
  }
  for (const [name, [prim, domain]] of Object.entries(cases)) {
    it(name, () => {
      laws.primitive(prim, domain(), options(25))
    })
    for (const factor of [1 + 1e-5, -1])
      for (const [what, mutant] of Object.entries(structuredMutants(prim, factor)))
        it(`${name}: ${what} times ${factor} is found out`, () => {
          const error = thrownBy(() => {
            laws.primitive(mutant, domain(), { numRuns: 20, seed: 7, shrink: false })
          })
          expect(error).toBeInstanceOf(LawError)
          expect((error as LawError).message).toContain('the derivative is wrong')
        })
  }

  it('whileLoop, forward mode to second order', () => {
    const f = (x: Tensor): readonly Tensor[] => {
      const end = whileLoop<{ i: Tensor; y: Tensor }>(
        ({ i }) => np.less(i, 3),
        ({ i, y }) => ({ i: np.add(i, 1), y: np.mul(np.sin(y), x) }),
        { i: np.array(0, { dtype: 'int32' }), y: x },
      )
      return [end.y]
    }
    checkPoint({ f: (x) => f(x), xs: [tensorOf([0.5, 1.25], [2])] }, { order: 2, modes: ['fwd'] })
  })
})
