/** Training steps of a network 784-512-256-10, batch 128: loss, gradients, update of all parameters, which stay where they are. */
import type { Tensor } from '../../src/index.js'
import { adjointLoss, flops, inputs, jaxjsLoss, names, paramsOf, tfjsLoss, torchLoss, type Params } from '../models/mlp.js'
import { workload, type Adjoint, type Foreign, type Kind, type Programs } from '../workload.js'

type Inputs = Programs<keyof typeof inputs>

const adjoint =
  (optimizerOf: (library: Adjoint) => ReturnType<Adjoint['optim']['chain']>): NonNullable<Inputs['adjoint']> =>
  (library, { x, y, ...rest }) => {
    const { jit, valueAndGrad, optim } = library
    const optimizer = optimizerOf(library)
    const both = valueAndGrad(adjointLoss(library))
    let params = paramsOf({ x, y, ...rest })
    let state = optimizer.init(params)
    const step = jit(
      (params: Params<Tensor>, state: ReturnType<typeof optimizer.init>, x: Tensor, y: Tensor) => {
        const [loss, grads] = both(params, x, y)
        const [updates, next] = optimizer.update(grads, state, params)
        return [optim.applyUpdates(params, updates), next, loss] as const
      },
      { donate: [0, 1] },
    )
    return {
      call: () => {
        const [p, s, loss] = step(params, state, x, y)
        params = p
        state = s
        return loss
      },
      check: () => names.map((n) => params[n]),
    }
  }

/** jax-js has no optimizers of its own in its package: these are written out, inside jit. */
const jaxjs =
  (
    init: (jax: Foreign, p: Foreign) => Foreign,
    update: (jax: Foreign, p: Foreign, g: Foreign, s: Foreign) => readonly [Foreign, Foreign],
  ) =>
  (jax: Foreign, { x, y, ...rest }: Readonly<Record<keyof typeof inputs, Foreign>>) => {
    const both = jax.valueAndGrad(jaxjsLoss(jax))
    let params: Foreign = paramsOf({ x, y, ...rest })
    let state = init(jax, params)
    const step = jax.jit((p: Foreign, s: Foreign, x: Foreign, y: Foreign) => {
      const [loss, g] = both(jax.tree.ref(p), x, y)
      return [...update(jax, p, g, s), loss]
    })
    return {
      call: () => {
        const [p, s, loss] = step(params, state, x.ref, y.ref)
        params = p
        state = s
        return loss
      },
      check: () => names.map((n) => params[n].ref),
    }
  }

const tfjs =
  (optimizerOf: (tf: Foreign) => Foreign) =>
  (tf: Foreign, { x, y, ...rest }: Readonly<Record<keyof typeof inputs, Foreign>>) => {
    const params: Foreign = Object.fromEntries(Object.entries(paramsOf({ x, y, ...rest })).map(([n, p]) => [n, tf.variable(p)]))
    const optimizer = optimizerOf(tf)
    const hot = tf.oneHot(y, 10)
    const loss = tfjsLoss(tf)
    return { call: () => optimizer.minimize(() => loss(params, x, hot), true), check: () => names.map((n) => params[n].clone()) }
  }

const torch = (optimizer: string): string => `${torchLoss}
optimizer = torch.optim.${optimizer}
def call():
    optimizer.zero_grad()
    l = loss()
    l.backward()
    optimizer.step()
    return l
def check(_):
    return params
`

const common = { unit: '/s', inputs, flops } as const

/** The step with plain gradient descent, measured in some way. */
export const sgdStep = (name: string, kind: Kind) =>
  workload({
    ...common,
    name,
    kind,
    unit: kind === 'time' ? '/s' : 'ms',
    tolerance: 1e-5,
    programs: {
      adjoint: adjoint(({ optim }) => optim.sgd(0.1)),
      jaxjs: jaxjs(
        () => ({}),
        (jax, p, g, s) => [jax.tree.map((p: Foreign, g: Foreign) => p.sub(g.mul(0.1)), p, g), s],
      ),
      tfjs: tfjs((tf) => tf.train.sgd(0.1)),
      torch: torch('SGD(params, lr=0.1)'),
    },
  })

/** Adam's first step is nearly sign(g): where a gradient is all but zero its rounding shows, hence the tolerance. */
const adam = workload({
  ...common,
  name: 'MLP step, Adam',
  tolerance: 2e-3,
  programs: {
    adjoint: adjoint(({ optim }) => optim.adam(1e-3)),
    jaxjs: jaxjs(
      (jax, p) => {
        const zeros = () => jax.tree.map((t: Foreign) => jax.numpy.zeros(t.shape), p)
        return { m: zeros(), v: zeros(), t: jax.numpy.zeros([]) }
      },
      (jax, p, g, { m, v, t }) => {
        const { map, ref } = jax.tree
        const np = jax.numpy
        const count = t.add(1)
        const m1 = map((m: Foreign, g: Foreign) => m.mul(0.9).add(g.mul(0.1)), m, ref(g))
        const v1 = map((v: Foreign, g: Foreign) => v.mul(0.999).add(g.ref.mul(g).mul(0.001)), v, g)
        const still = (rate: number) => np.subtract(1, np.exp(count.ref.mul(Math.log(rate))))
        const [c1, c2] = [still(0.9), still(0.999)]
        const next = map(
          (p: Foreign, m: Foreign, v: Foreign) =>
            p.sub(
              m
                .div(c1.ref)
                .mul(1e-3)
                .div(np.sqrt(v.div(c2.ref)).add(1e-8)),
            ),
          p,
          ref(m1),
          ref(v1),
        )
        c1.dispose()
        c2.dispose()
        return [next, { m: m1, v: v1, t: count }]
      },
    ),
    tfjs: tfjs((tf) => tf.train.adam(1e-3, 0.9, 0.999, 1e-8)),
    torch: torch('Adam(params, lr=1e-3)'),
  },
})

export const mlp = [sgdStep('MLP step, SGD', 'time'), adam]
/** A separate file's worth: each sample is a new process. */
export const compile = [
  sgdStep('MLP step: trace, compile, first call', 'first'),
  sgdStep('MLP step: the 20 calls after the first', 'window'),
]
