/** Random programs under every transform, every pair of transforms, and every pass. */
import { describe, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { checkpoint, cond, configure, device, jit, jvp, linearize, scan, trace, vjp, vmap } from '../../src/index.js'
import { optimizeProgram, runProgram } from '../../src/extend.js'
import { cse } from '../../src/ir/passes/cse.js'
import { dce } from '../../src/ir/passes/dce.js'
import { fold } from '../../src/ir/passes/fold.js'
import { inline } from '../../src/ir/passes/inline.js'
import { simplify } from '../../src/ir/passes/simplify.js'
import { reshape } from '../../src/prim/structure.js'
import type { TensorFunction, Wrapper } from '../../laws/index.js'
import { laws, pointsOf, programPoints, programs, tensorOf } from '../../laws/index.js'
import { options } from './options.js'

const points = programPoints(programs(8))

describe('derivatives of random programs', () => {
  it('first order', () => {
    laws.firstOrder(points, options(150))
  })
  it('second order in every nesting of modes', () => {
    laws.secondOrder(points, options(80))
  })
  it('linearity', () => {
    laws.linearity(points, options(60))
  })
  it('symmetry of the Hessian', () => {
    laws.symmetry(points, options(80))
  })
  it('unused inputs', () => {
    laws.unused(points, options(40))
  })
  it('linearize is push', () => {
    laws.linearized(points, options(80))
  })
})

const axis0 = (x: Tensor): Tensor => reshape(x, [1, ...x.shape])
const alone = (x: Tensor): Tensor => reshape(x, x.shape.slice(1))
const zero = tensorOf([0], [])

/** Ways to run a function that must not change what it means. */
const wrappers: Readonly<Record<string, Wrapper>> = {
  jit:
    (f) =>
    (...xs) =>
      jit(f)(...xs),
  checkpoint:
    (f) =>
    (...xs) =>
      checkpoint(f)(...xs),
  vmap:
    (f) =>
    (...xs) =>
      vmap(f)(...xs.map(axis0)).map(alone),
  'the value of jvp':
    (f) =>
    (...xs) =>
      jvp(f, xs, xs)[0],
  'the value of vjp':
    (f) =>
    (...xs) =>
      vjp(f, ...xs)[0],
  'the value of linearize':
    (f) =>
    (...xs) =>
      linearize(f, ...xs)[0],
  trace:
    (f) =>
    (...xs) => {
      const { program, captures } = trace(f, ...xs)
      return runProgram(program, [...captures, ...xs])
    },
  scan:
    (f) =>
    (...xs) =>
      scan<Tensor, readonly Tensor[], readonly Tensor[]>((c, row) => [c, f(...row)], zero, xs.map(axis0))[1].map(alone),
  cond:
    (f) =>
    (...xs) =>
      cond(
        true,
        (...ys: readonly Tensor[]) => f(...ys),
        (...ys: readonly Tensor[]) => f(...ys.map((y) => y)),
        ...xs,
      ),
}

describe('transforms that are the identity', () => {
  const names = Object.keys(wrappers)
  for (const name of names)
    it(name, () => {
      laws.transparent(name, wrappers[name]!, programs(6), options(40))
    })
  for (const outer of names)
    for (const inner of names)
      it(`${outer} of ${inner}`, () => {
        laws.transparent(`${outer} of ${inner}`, (f) => wrappers[outer]!(wrappers[inner]!(f)), programs(5), options(12))
      })
  it('checkpoint, as a law', () => {
    laws.checkpointed(programs(6), options(20))
  })
})

describe('programs', () => {
  it('trace, then interpret', () => {
    laws.tracing(programs(10), options(100))
  })
  it('jit is eager, bit for bit where nothing is fused', () => {
    const before = device()
    configure({ backend: 'reference' })
    try {
      laws.jitted(programs(10), { ...options(100), signedZeros: true })
    } finally {
      configure({ backend: before })
    }
  })
  it('jit is eager, up to the order of sums', () => {
    laws.jitted(programs(10), { ...options(100), bound: 1e-12 })
  })
  const passes = {
    inline,
    simplify,
    fold,
    cse,
    dce,
    optimize: optimizeProgram,
  }
  for (const [name, pass] of Object.entries(passes))
    it(`${name} preserves meaning`, () => {
      laws.pass(name, pass, programs(12), { ...options(100), signedZeros: true })
    })
  it('passes preserve the meaning of derivatives', () => {
    const derivatives = programs(6).map(({ f, inputs }) => ({
      inputs,
      f: (...xs: readonly Tensor[]) => {
        const [y, pull] = vjp(f, ...xs)
        return [...y, ...pull(y)]
      },
    }))
    laws.pass('optimize', optimizeProgram, derivatives, { ...options(60), signedZeros: true })
    laws.jitted(derivatives, options(30))
  })
})

describe('the chain rule', () => {
  it('of random programs with a fixed function', () => {
    const f: TensorFunction = (x) => [reshape(x, [2, 3])]
    const inputs = programs(1).map(() => [tensorOf([1, -0.5, 0.25, 2, -1, 0.125], [6])])
    laws.chainRule(f, (y) => [jvp((z: Tensor) => z, [y], [y])[0]], inputs, options(5))
    laws.firstOrder(pointsOf(f, inputs), options(5))
  })
})
