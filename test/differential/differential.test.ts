/** Random programs on wasm: every element is what the reference gives, or as near as rounding may bring it. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { reference, trace } from '../../src/index.js'
import { aval, hostTensor, optimizeProgram } from '../../src/extend.js'
import type { Tensor, TypedArray } from '../../src/index.js'
import type { Backend } from '../../src/extend.js'
import { wasm } from '../../src/wasm.js'
import { add, exp, mul } from '../../src/prim/elementwise.js'
import { reduceSum } from '../../src/prim/structure.js'
import { checkCase, emptyTally, expected } from './agree.js'
import type { Case } from './programs.js'
import { caseOf, plans, show } from './programs.js'

const seeds = Number(process.env.LAWS_RUNS ?? 1) * 8

describe('random programs', () => {
  const tally = emptyTally()
  for (let seed = 1; seed <= seeds; seed++)
    it(`of seed ${seed}`, () => {
      fc.assert(
        fc.property(plans(), (plan) => {
          const subject = caseOf(plan)
          if (subject !== null) checkCase(wasm, subject, tally)
        }),
        {
          seed,
          numRuns: 25,
          interruptAfterTimeLimit: 20_000,
          reporter: (details) => {
            if (!details.failed) return
            const [plan] = details.counterexample!
            const subject = caseOf(plan)
            throw new Error(`${JSON.stringify(plan)}\n${subject === null ? '' : show(subject)}\n${String(details.errorInstance)}`)
          },
        },
      )
    })
  it('are compared closely', () => {
    const { exact, bounded, loose, unknown } = tally
    const total = exact + bounded + loose + unknown
    expect(total).toBeGreaterThan(200)
    expect(exact / total).toBeGreaterThan(0.4)
    expect((loose + unknown) / total).toBeLessThan(0.15)
  })
})

const caseFor = (f: (...xs: readonly Tensor[]) => readonly Tensor[], ...inputs: readonly Tensor[]): Case => {
  const { program, captures } = trace(f, ...inputs)
  return { program: optimizeProgram(program), inputs: [...captures, ...inputs] }
}

/** The reference, with one element of its first output changed. */
const spoilt = (change: (v: number) => number): Backend => ({
  ...reference,
  name: 'spoilt',
  compile: (program, options) => {
    const run = reference.compile(program, options)
    return (inputs) => {
      const outputs = run(inputs) as TypedArray[]
      outputs[0]![outputs[0]!.length - 1] = change(outputs[0]![outputs[0]!.length - 1]!)
      return outputs
    }
  },
})

describe('the comparison', () => {
  const x = hostTensor(
    aval([9], 'float32'),
    Float32Array.from({ length: 9 }, (_, i) => Math.fround(0.3 + i / 7)),
  )
  const chain = caseFor((v) => [mul(exp(v), add(v, v))], x)
  const sum = caseFor((v) => [exp(reduceSum(mul(v, v), [0]))], x)
  const exact = caseFor((v) => [mul(v, add(v, v))], x)
  const finds = (subject: Case, change: (v: number) => number): void => {
    expect(() => checkCase(spoilt(change), subject)).toThrow(/spoilt: output 0/)
  }
  it('accepts the reference', () => {
    for (const c of [chain, sum, exact]) checkCase(reference, c)
  })
  it('finds one bit where results are exact', () => {
    finds(exact, (v) => v * (1 + 2 ** -23))
  })
  it('finds a few units in the last place elsewhere', () => {
    finds(chain, (v) => v * (1 + 2 ** -19))
    finds(sum, (v) => v * (1 + 2 ** -17))
    finds(chain, () => NaN)
    finds(chain, () => Infinity)
  })
  it('knows what hangs on rounding', () => {
    const known = expected(caseFor((v) => [exp(v)], x))
    expect(Math.max(...known[0]!.error!)).toBeLessThan(2 ** -22 * Math.exp(1.5))
    expect(expected(exact)[0]!.error).toBeNull()
  })
})
