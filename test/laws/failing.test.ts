/** Every law rejects a subject for which it does not hold, and says why. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Program, Tensor } from '../../src/index.js'
import type { Primitive } from '../../src/extend.js'
import { customJvp, customVjp, np, optim, random } from '../../src/index.js'
import { bind, none, primitives, kernel as s } from '../../src/extend.js'
import * as nn from '../../src/nn.js'
import { stopGradient } from '../../src/prim/select.js'
import type { TensorFunction } from '../../laws/index.js'
import { eighths, forAll, laws, LawError, list, pointsOf, programs, subjectsOf, tensor, tensorOf } from '../../laws/index.js'
import { parameters } from './trainings.js'

const options = { numRuns: 30, seed: 3 }
const vectors = list(eighths(-1, 1), 2).map((v) => [tensorOf(v, [2])])

/** A function that is not pure: every call adds a little more. */
const impure = (): TensorFunction => {
  let calls = 0
  return (x) => [np.add(np.sin(x), ++calls)]
}

/** Its batching rule forgets the sine. */
const badBatch: Primitive = {
  name: 'badBatch',
  shape: ([x]) => [x!],
  linear: { kind: 'elementwise', partials: [{ needs: [0], d: ([x]) => np.cos(x!) }] },
  batch: ([x]) => [x!],
  lower: { kind: 'scalar', body: ([x]) => s.sin(x!) },
}
const unbatchable: TensorFunction = (x) => [bind(badBatch, [x], none)]

/** A pull that is not linear. */
const clipped = customVjp((x: Tensor) => np.sin(x), {
  fwd: (x: Tensor) => [np.sin(x), x] as const,
  bwd: (x: Tensor, ct: Tensor) => [np.clip(np.mul(ct, np.cos(x)), -0.5, 0.5)] as const,
})

type Rule = (primals: readonly [Tensor], tangents: readonly [Tensor]) => readonly [Tensor, Tensor]
const withPush = (f: (x: Tensor) => Tensor, rule: Rule): ((x: Tensor) => Tensor) => customJvp(f, rule as never)

/** "Gradients" `(y, 0)` of a function of `(x, y)`: no function has them. */
const asymmetric = withPush(
  (x) => np.sum(x),
  ([x], [dx]) => [np.sum(x), np.sum(np.mul(dx, np.mul(np.array([1, 0], { dtype: 'float64' }), np.flip(x))))],
)
/** A tangent where there is none. */
const restless = withPush(
  (x) => np.sin(x),
  ([x], [dx]) => [np.sin(x), np.add(dx, 1)],
)

/** The Program with its first sine made a cosine. */
const sineToCosine = (program: Program): Program => {
  const at = program.equations.findIndex((e) => e.prim.name === 'sin')
  return { ...program, equations: program.equations.map((e, i) => (i === at ? { ...e, prim: primitives.cos } : e)) }
}

const dense = nn.dense(4, 3)
const batches = tensor([2, 4], 'float32')
const growing = optim.fromStep<readonly unknown[]>({
  name: 'growing',
  init: () => [],
  update: (u, state, _params) => [u, [...state, np.array(1)]],
})
const counting = (): optim.GradientTransformation => {
  let calls = 0
  return optim.fromStep({
    name: 'counting',
    init: () => [],
    update: (u, state) => {
      calls++
      return [calls % 2 === 0 ? u : (np.mul(u as never, 2) as never), state]
    },
  })
}
const rows = {
  length: 3,
  take: (r: readonly number[]) =>
    tensorOf(
      r.map((i) => i),
      [r.length],
    ),
}

const wrong: Readonly<Record<string, readonly [() => void, RegExp]>> = {
  firstOrder: [
    () => {
      laws.firstOrder(
        pointsOf((x) => [clipped(x)], vectors),
        options,
      )
    },
    /the derivative is wrong|not linear/,
  ],
  secondOrder: [
    () => {
      laws.secondOrder(
        pointsOf((x) => [np.mul(stopGradient(x), x)], vectors),
        options,
      )
    },
    /the derivative is wrong/,
  ],
  linearity: [
    () => {
      laws.linearity(
        pointsOf((x) => [restless(x)], vectors),
        options,
      )
    },
    /not linear|push/,
  ],
  symmetry: [
    () => {
      laws.symmetry(
        pointsOf((x) => [asymmetric(x)], vectors),
        options,
      )
    },
    /the Hessian is not symmetric/,
  ],
  unused: [
    () => {
      laws.unused(
        pointsOf((x) => [restless(x)], vectors),
        options,
      )
    },
    /expected zeros/,
  ],
  linearized: [
    () => {
      laws.linearized(pointsOf(impure(), vectors), options)
    },
    /the value from linearize/,
  ],
  chainRule: [
    () => {
      laws.chainRule((x) => [np.mul(x, 2)], impure2(), vectors, options)
    },
    /g \. f/,
  ],
  batching: [
    () => {
      laws.batching(unbatchable, fc.tuple(vectors, vectors), options)
    },
    /vmap with inAxes/,
  ],
  batchedDerivative: [
    () => {
      laws.batchedDerivative((x) => [np.mul(unbatchable(x)[0]!, x)], fc.tuple(vectors, vectors), options)
    },
    /of vmap/,
  ],
  tracing: [
    () => {
      laws.tracing(subjectsOf(impure(), vectors), options)
    },
    /interpret of trace/,
  ],
  pass: [
    () => {
      laws.pass('sineToCosine', sineToCosine, programs(6), { ...options, numRuns: 100 })
    },
    /sineToCosine preserves meaning[^]*cos/,
  ],
  jitted: [
    () => {
      laws.jitted(subjectsOf(impure(), vectors), options)
    },
    /the (first|second) call/,
  ],
  transparent: [
    () => {
      laws.transparent(
        'stop',
        (f) =>
          (...xs) =>
            f(...xs.map(stopGradient)),
        programs(4),
        options,
      )
    },
    /jvp of stop/,
  ],
  streams: [
    () => {
      laws.streams((key) => np.add(random.uniform(key, [2]), Math.random()), options)
    },
    /the same key again/,
  ],
  monoid: [
    () => {
      laws.monoid(fc.constant(counting()), parameters, options)
    },
    /optimizers are a monoid/,
  ],
  optimizer: [
    () => {
      laws.optimizer(growing, parameters, options)
    },
    /the state/,
  ],
  'layer, state': [
    () => {
      laws.layer({ ...dense, initState: () => [1] as never }, batches, options)
    },
    /the state after a step/,
  ],
  'layer, init': [
    () => {
      laws.layer({ ...dense, init: (key) => dense.init(random.foldIn(key, Math.floor(Math.random() * 1e6))) }, batches, options)
    },
    /parameters of the same key/,
  ],
  dataset: [
    () => {
      laws.dataset(
        {
          ...rows,
          take: (r) =>
            tensorOf(
              r.map((i) => i + r.length),
              [r.length],
            ),
        },
        options,
      )
    },
    /row \d alone/,
  ],
  'dataset, outside': [
    () => {
      laws.dataset(rows, options)
    },
    /did not throw/,
  ],
  restartable: [
    () => {
      laws.restartable([1, 2, 3].values(), options)
    },
    /items after a break|item/,
  ],
  partition: [
    () => {
      laws.partition(() => [[0, 1], [1]], 3, options)
    },
    /2 of them different/,
  ],
  format: [
    () => {
      laws.format({ encode: (x: number) => x.toFixed(1), decode: Number }, eighths(), {
        ...options,
        same: (a, b) => {
          if (a !== b) throw new LawError(`${a}, expected ${b}`)
        },
      })
    },
    /0\.1, expected 0\.125/,
  ],
}

/** Another impure function, of two results in turn. */
function impure2(): TensorFunction {
  let calls = 0
  return (y) => [np.mul(y, ++calls)]
}

describe('laws can fail', () => {
  for (const [name, [f, message]] of Object.entries(wrong))
    it(name, () => {
      expect(f).toThrow(LawError)
      expect(f).toThrow(message)
    })
  it('report the shrunk input, the reason and the seed', () => {
    const found = (): void => {
      forAll(
        'no element exceeds 1',
        tensor([3]),
        (x) => String(x),
        (x) => {
          const largest = Math.max(...x.toTypedArray())
          if (largest > 1) throw new LawError(`the largest is ${largest}`)
        },
        { seed: 5 },
      )
    }
    expect(found).toThrowErrorMatchingInlineSnapshot(`
      [LawError: law broken: no element exceeds 1
        for [0.    0.    1.125]
        the largest is 1.125
        after 2 runs and 3 shrinks; seed 5, path 1:0:0:3]
    `)
  })
})
