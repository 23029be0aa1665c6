/** The reference is a backend; one that is wrong somewhere is not. */
import { describe, expect, it } from 'vitest'
import type { Backend, TypedArray } from '../../src/index.js'
import { reference } from '../../src/index.js'
import { laws } from '../../laws/index.js'
import { options } from './options.js'

/** The reference, with the results of one primitive spoilt. */
const spoilt = (name: string, spoil: (out: TypedArray, inputs: readonly TypedArray[]) => void): Backend => ({
  ...reference,
  name: 'spoilt',
  compile: (program, compileOptions) => {
    const run = reference.compile(program, compileOptions)
    const concerned = program.equations.some((e) => e.prim.name === name)
    return (inputs) => {
      const outputs = run(inputs)
      if (concerned) for (const out of outputs) spoil(out as TypedArray, inputs as readonly TypedArray[])
      return outputs
    }
  },
})

const short = options(25)

describe('laws.backend', () => {
  it('holds for the reference', () => {
    laws.backend(reference, short)
  })
  it('holds for the reference, read asynchronously', async () => {
    const asynchronous: Backend = { ...reference, get: (buffer, a) => Promise.resolve(reference.get(buffer, a)) }
    await laws.asyncBackend(asynchronous, { ...short, only: ['add', 'sort', 'logsumexp'] })
    expect(() => {
      laws.backend(asynchronous, { ...short, only: ['add'] })
    }).toThrow(/asyncBackend/)
  })
  it('finds a result that is off by a few ulp', () => {
    const backend = spoilt('exp', (out) => {
      for (let i = 0; i < out.length; i++) out[i]! *= 1 + 1e-6
    })
    expect(() => {
      laws.backend(backend, { ...short, only: ['exp'] })
    }).toThrow(/spoilt is the reference: exp[^]*ulp apart/)
  })
  it('finds a lost NaN', () => {
    const backend = spoilt('max', (out) => {
      for (let i = 0; i < out.length; i++) if (Number.isNaN(out[i])) out[i] = 0
    })
    expect(() => {
      laws.backend(backend, { ...short, only: ['max'] })
    }).toThrow(/NaN/)
  })
  it('finds an error that only large inputs show', () => {
    const backend = spoilt('reduceSum', (out) => {
      if (out.length > 200) out[200]! += 1
    })
    expect(() => {
      laws.backend(backend, { ...short, only: ['reduceSum'] })
    }).toThrow(/reduceSum, large/)
  })
  it('finds inputs that are written into', () => {
    const backend = spoilt('neg', (_, inputs) => {
      for (const x of inputs) x.fill(1)
    })
    expect(() => {
      laws.backend(backend, { ...short, only: ['neg'] })
    }).toThrow(/wrote into input/)
  })
})
