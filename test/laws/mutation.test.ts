/** The laws can fail: every primitive with a derivative that is wrong by 1e-5, or by a sign, is found out. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LawError } from '../../laws/law.js'
import type { AnyDomain } from '../../laws/domain.js'
import { domains } from '../../laws/domains/index.js'
import { primitive } from '../../laws/primitive.js'
import { isInexact } from '../../src/core/dtype.js'
import type { AnyPrimitive } from '../../src/ir/primitive.js'
import { primitives } from '../../src/prim/all.js'
import { mutants } from './mutants.js'

/** One fixed seed, no shrinking: the first counterexample is enough. */
const options = { numRuns: 60, seed: Number(process.env.LAWS_SEED ?? 7), shrink: false }

const table = domains as Readonly<Record<string, AnyDomain>>

/** The most inputs that a primitive is tried with, and which of them are floats. */
const signature = (domain: AnyDomain): readonly boolean[] => {
  const sites = fc.sample(domain.smooth!, { numRuns: 50, seed: 7 })
  const arity = Math.max(...sites.map((s) => s.operands.length))
  return Array.from({ length: arity }, (_, k) => sites.some((s) => s.operands[k] !== undefined && isInexact(s.operands[k].dtype)))
}

const thrownBy = (f: () => void): unknown => {
  try {
    f()
  } catch (error) {
    return error
  }
  return undefined
}

/** Maps that are multiplied by a factor and stay right: a rounded value has a zero derivative, and twice zero is zero. */
const isZero = (prim: AnyPrimitive): boolean => prim.linear.kind === 'zero'

describe('mutations of linear maps', () => {
  const differentiable = Object.entries<AnyPrimitive>(primitives).filter(([name, prim]) => table[name]!.smooth !== null && !isZero(prim))

  it('covers every primitive that has a derivative, which pureCallback says it has not', () => {
    const declared = Object.entries<AnyPrimitive>(primitives)
      .filter(([name, prim]) => !isZero(prim) && name !== 'pureCallback')
      .map(([name]) => name)
    expect(differentiable.map(([name]) => name)).toEqual(declared)
  })

  for (const [name, prim] of differentiable) {
    const domain = table[name]!
    const floats = signature(domain)
    for (const factor of [1 + 1e-5, -1]) {
      const broken = mutants(prim, factor, floats.length, (k) => floats[k] === true)
      it(`${name} times ${factor}`, () => {
        expect(broken.length).toBeGreaterThan(0)
        for (const mutant of broken) {
          const error = thrownBy(() => {
            primitive(mutant.prim, domain, options)
          })
          expect(error, `${mutant.what}: no law noticed`).toBeInstanceOf(LawError)
          expect((error as LawError).message, mutant.what).toContain('the derivative is wrong')
        }
      })
    }
  }

  it('leaves the laws satisfied when the factor is 1', () => {
    for (const name of ['mul', 'tanh', 'reduceSum', 'sort'] as const) {
      const floats = signature(table[name]!)
      for (const mutant of mutants(primitives[name], 1, floats.length, (k) => floats[k] === true))
        primitive(mutant.prim, table[name]!, { numRuns: 10, seed: 7 })
    }
  })
})
