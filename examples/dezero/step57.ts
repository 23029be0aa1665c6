/**
 * DeZero: `im2col` makes windows to rows of a matrix, so that a convolution is a product; the faster `conv2d` cannot be differentiated twice.
 * Here `im2col` is there to be used, `conv` is linear in each argument, and both have derivatives of every order.
 */
import { nn, np, random, vjp } from 'adjoint'
import type { Step } from './step.js'
import { float64, lines } from './step.js'

const shape = (x: { readonly shape: readonly number[] }): string => `(${x.shape.join(', ')})`

export const step57: Step = {
  title: 'Convolution by im2col',
  run: () => {
    const [one, ten] = [np.ones([1, 3, 7, 7]), np.ones([10, 3, 7, 7])]
    const [x, w] = [random.normal(random.key(0), [1, 5, 15, 15]), random.normal(random.key(1), [8, 5, 3, 3])]
    const [y, pull] = vjp((v) => nn.conv(v, w, { padding: 1 }), x)
    const [dx] = pull(np.ones(y.shape))

    // By hand: windows as columns, kernels as rows.
    const images = np.reshape(np.arange(1, 97, 1, { dtype: 'float64' }), [2, 3, 4, 4])
    const kernels = np.broadcastTo(np.reshape(float64([0.1, 0.2, 0.3]), [3, 1, 1, 1]), [3, 3, 2, 2])
    const columns = np.transpose(nn.im2col(images, 2))
    const product = np.matmul(np.reshape(kernels, [3, -1]), columns)
    const byHand = np.moveaxis(np.reshape(product, [3, 2, 3, 3]), 0, 1)
    const same = np.allclose(byHand, nn.conv(images, kernels))
    const shapes = [nn.im2col(one, 5), nn.im2col(ten, 5), y, dx, columns, product, byHand].map(shape)
    return [...shapes, ...lines(np.index(byHand, 0, 0), same)]
  },
}
