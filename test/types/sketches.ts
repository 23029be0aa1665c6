/** What users write. Compiled, never run: `npm run typeperf` counts what it costs the type checker. */
import {
  checkpoint,
  cond,
  customVjp,
  data,
  grad,
  hessian,
  hvp,
  jit,
  jvp,
  losses,
  nn,
  np,
  optim,
  random,
  scan,
  tree,
  valueAndGrad,
  vjp,
  vmap,
} from 'adjoint'
import type { Tensor } from 'adjoint'
import { concatAll } from 'fp-ts/lib/Monoid.js'
import { flow, pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'

interface Batch {
  readonly x: Tensor
  readonly y: Tensor
}

// A network, its loss, its training step.
const model = nn.sequential(nn.dense(784, 256), nn.relu, nn.dense(256, 10))
type Params = ReturnType<typeof model.init>
const loss = (params: Params, { x, y }: Batch) => np.mean(losses.softmaxCrossEntropy(model.apply(params)(x), y))
const optimizer = optim.chain(optim.clipByGlobalNorm(1), optim.adam(1e-3))
type State = ReturnType<typeof optimizer.init>

export const step = jit(
  (params: Params, state: State, batch: Batch) => {
    const [value, grads] = valueAndGrad(loss)(params, batch)
    const [updates, next] = optimizer.update(grads, state, params)
    return [optim.applyUpdates(params, updates), next, value] as const
  },
  { donate: [0, 1] },
)

export const train = pipe(
  data.mnist({ dir: './mnist' }),
  TE.map(({ train }) => {
    const [k0, k1] = random.split(random.key(0))
    let params = model.init(k0)
    let state = optimizer.init(params)
    for (const batch of data.batches(train, { size: 128, key: k1 })) {
      const [p, s] = step(params, state, batch)
      params = p
      state = s
    }
    return params
  }),
)

// Derivatives compose; trees keep their types.
export const f = (x: Tensor) => np.sum(np.mul(np.tanh(x), x))
export const third = grad(grad(grad(np.tanh)))(0.5)
export const forwardOverReverse =
  <P>(g: (p: P) => Tensor) =>
  (p: P, v: P) =>
    jvp(grad(g), [p], [v])[1]
export const curvature = hessian(f)(np.array([1, 2]))
export const product = hvp(f)(np.array([1, 2]), np.array([1, 0]))
export const perExample = vmap(grad(loss), { inAxes: [null, 0] })
export const [value, pull] = vjp(loss, model.init(random.key(0)), { x: np.zeros([1, 784]), y: np.zeros([1, 10]) })
export const both = grad((a: Tensor, b: { readonly c: Tensor }) => np.sum(np.mul(a, b.c)), { argnums: [0, 1] })(np.array(1), {
  c: np.array(2),
})
export const sum: Tensor = vmap(np.add)(np.ones([3]), np.ones([3]))

// Optimizers are a monoid; composition reads in order.
export const adamw = concatAll(optim.Monoid)([
  optim.clipByGlobalNorm(1),
  optim.scaleByAdam(),
  optim.addDecayedWeights(1e-4),
  optim.scale(-1e-3),
])
export const y = pipe(np.ones([2, 3]), np.matmul(np.ones([3, 4])), np.add(np.zeros([4])), np.tanh)
export const activation = flow(np.tanh, np.mul(2))

// Control flow and rules of one's own.
export const cumulative = scan((carry: Tensor, x: Tensor) => [np.add(carry, x), carry] as const, np.array(0), np.arange(5))
export const branch = cond(
  np.array(true),
  (x: Tensor) => np.neg(x),
  (x: Tensor) => x,
  np.array(1),
)
export const clipped = customVjp((x: Tensor) => x, { fwd: (x) => [x, null], bwd: (_saved, c) => [np.clip(c, -1, 1)] })
export const light = grad(checkpoint(f))
export const sizes = tree.map((t: Tensor) => t.size, { w: np.ones([2]), rest: [np.ones([3])] })
