/** The reference is a backend; one that is wrong somewhere is not. */
import { describe, expect, it } from 'vitest'
import type { Program, Tensor, TypedArray } from '../../src/index.js'
import type { Backend, Equation } from '../../src/extend.js'
import { DeviceError, fail, reference, shapeDtype, trace } from '../../src/index.js'
import { controlPrimitives, runProgram } from '../../src/extend.js'
import { controlDomains, laws } from '../../laws/index.js'
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

/** Every Program that a backend is given, with those in it, innermost first. */
const rewritten = (f: (e: Equation) => Equation): Backend => {
  const inside = (v: unknown): unknown =>
    typeof v === 'object' && v !== null && 'equations' in v ? changed(v as Program) : Array.isArray(v) ? v.map(inside) : v
  const changed = (program: Program): Program => ({
    ...program,
    equations: program.equations.map((e) =>
      f({ ...e, params: Object.fromEntries(Object.entries(e.params).map(([k, v]) => [k, inside(v)])) }),
    ),
  })
  return { ...reference, name: 'changed', compile: (program, o) => reference.compile(changed(program), o) }
}

interface Loop {
  readonly body: Program
  readonly bodyConsts: number
}

/** The body of a loop after itself. */
const twice = ({ body, bodyConsts }: Loop): Program =>
  trace(
    (...xs: readonly Tensor[]) => {
      const consts = xs.slice(0, bodyConsts)
      return runProgram(body, [...consts, ...runProgram(body, xs)])
    },
    ...body.inputs.map((v) => shapeDtype(v.aval.shape, v.aval.dtype)),
  ).program

describe('laws.backend on control flow', () => {
  const controls = Object.keys(controlPrimitives)
  it('is tried with every primitive that holds Programs', () => {
    expect(controls).toEqual(['call', 'checkpoint', 'cond', 'scan', 'while'])
    expect(Object.keys(controlDomains)).toEqual(controls)
  })
  for (const name of controls)
    it(`finds a backend that lacks ${name}`, () => {
      const lacking = rewritten((e) => (e.prim.name === name ? fail(DeviceError, `no routine ${name}`) : e))
      // everything is asked for, as by whoever writes a backend
      expect(() => {
        laws.backend(lacking, short)
      }).toThrow(new RegExp(`changed is the reference: [^]*no routine ${name}`))
    })
  const wrong: Readonly<Record<string, readonly [string, (e: Equation) => Equation]>> = {
    'a scan that goes forwards only': ['scan', (e) => ({ ...e, params: { ...e.params, reverse: false } })],
    'a scan without its last step': [
      'scan',
      (e) => ({ ...e, params: { ...e.params, length: Math.max(0, (e.params.length as number) - 1) } }),
    ],
    'a choice that is always the first': [
      'cond',
      (e) => ({ ...e, params: { ...e.params, branches: (e.params.branches as Program[]).slice(0, 1) } }),
    ],
    'a loop of two steps at once': ['while', (e) => ({ ...e, params: { ...e.params, body: twice(e.params as unknown as Loop) } })],
  }
  for (const [what, [name, change]] of Object.entries(wrong))
    it(`finds ${what}`, () => {
      const backend = rewritten((e) => (e.prim.name === name ? change(e) : e))
      expect(() => {
        laws.backend(backend, { ...short, only: [name] })
      }).toThrow(new RegExp(`${backend.name} is the reference: ${name}`))
    })
})
