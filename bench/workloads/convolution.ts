/** A 3x3 convolution of 32 images, 16 channels to 32, 28x28, padded: alone, and with both gradients of a given cotangent. */
import type { Tensor } from '../../src/index.js'
import { normal, type Values } from '../inputs.js'
import { some } from '../oracle.js'
import { workload, type Foreign } from '../workload.js'

const [N, C, O, S] = [32, 16, 32, 28]
const flops = 2 * N * O * C * 9 * S * S

const at = (x: Values, w: Values, place: number): number => {
  const [n, o, i, j] = [Math.floor(place / (O * S * S)), Math.floor(place / (S * S)) % O, Math.floor(place / S) % S, place % S]
  let sum = 0
  for (let c = 0; c < C; c++)
    for (let p = -1; p <= 1; p++)
      for (let q = -1; q <= 1; q++)
        if (i + p >= 0 && i + p < S && j + q >= 0 && j + q < S)
          sum += x[((n * C + c) * S + i + p) * S + j + q]! * w[((o * C + c) * 3 + p + 1) * 3 + q + 1]!
  return sum
}

/** tfjs keeps channels last: its inputs are turned before, its results after the clock runs. */
const last = (tf: Foreign, x: Foreign): Foreign => tf.transpose(x, [0, 2, 3, 1])
const first = (tf: Foreign, x: Foreign): Foreign => tf.transpose(x, [0, 3, 1, 2])
const filter = (tf: Foreign, w: Foreign): Foreign => tf.transpose(w, [2, 3, 1, 0])

const forward = workload({
  name: 'convolution',
  unit: 'GF/s',
  inputs: { x: normal([N, C, S, S]), w: normal([O, C, 3, 3]) },
  expected: ({ x, w }) => [some(N * O * S * S, 20_000, (place) => at(x, w, place))],
  tolerance: 1e-5,
  flops,
  programs: {
    adjoint:
      ({ lax }, { x, w }) =>
      () =>
        lax.convGeneralDilated(x, w, { padding: 'SAME' }),
    // Not jitted: jit makes convolutions of this library slower.
    jaxjs:
      ({ lax }, { x, w }) =>
      () =>
        lax.convGeneralDilated(x.ref, w.ref, [1, 1], 'SAME'),
    tfjs: (tf, { x, w }) => {
      const [a, b] = [last(tf, x), filter(tf, w)]
      return { call: () => tf.conv2d(a, b, 1, 'same'), check: (y) => [first(tf, y)] }
    },
    torch: 'F.conv2d(x, w, padding=1)',
  },
})

const gradients = workload({
  name: 'convolution and both gradients',
  unit: 'GF/s',
  inputs: { x: normal([N, C, S, S]), w: normal([O, C, 3, 3]), c: normal([N, O, S, S]) },
  tolerance: 1e-5,
  flops: 3 * flops,
  programs: {
    adjoint: ({ lax, jit, vjp }, { x, w, c }) => {
      const f = jit((x: Tensor, w: Tensor, c: Tensor) => {
        const [y, pull] = vjp((x: Tensor, w: Tensor) => lax.convGeneralDilated(x, w, { padding: 'SAME' }), x, w)
        return [y, ...pull(c)]
      })
      return () => f(x, w, c)
    },
    jaxjs:
      ({ lax, vjp }, { x, w, c }) =>
      () => {
        const [y, pull] = vjp((x: Foreign, w: Foreign) => lax.convGeneralDilated(x, w, [1, 1], 'SAME'), [x.ref, w.ref])
        const gradients = pull(c.ref)
        pull.dispose()
        return [y, ...gradients]
      },
    tfjs: (tf, { x, w, c }) => {
      const [a, b, d] = [last(tf, x), filter(tf, w), last(tf, c)]
      const both = tf.valueAndGrads((x: Foreign, w: Foreign) => tf.conv2d(x, w, 1, 'same'))
      return {
        call: () => {
          const { value, grads } = both([a, b], d)
          return [value, ...grads]
        },
        check: ([y, dx, dw]: Foreign) => [first(tf, y), first(tf, dx), tf.transpose(dw, [3, 2, 0, 1])],
      }
    },
    torch: `
x.requires_grad_()
w.requires_grad_()
def call():
    y = F.conv2d(x, w, padding=1)
    return [y, *torch.autograd.grad(y, [x, w], c)]
`,
  },
})

export const convolution = [forward, gradients]
