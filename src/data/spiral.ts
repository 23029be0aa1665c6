/** Three interleaved spiral arms in the plane: the classic toy problem that a linear model cannot solve. */
import { optionsOf } from '../core/options.js'
import { check, flag } from '../core/check.js'
import { aval } from '../core/aval.js'
import type { Tensor } from '../core/tensor.js'
import { hostTensor } from '../core/tensor.js'
import type { Dataset } from './dataset.js'
import { fromColumns } from './dataset.js'
import { randomState } from './mt19937.js'

/** Number of arms, which are the classes. */
const arms = 3
/** Points on one arm. */
const pointsPerArm = 100

/** Inputs and integer labels of a classification problem. */
export interface Labelled {
  readonly x: Tensor
  readonly y: Tensor
}

const spirals = optionsOf<{ readonly train: boolean }>({ train: flag })

/**
 * 300 points in the plane, 100 on each of three arms, shuffled: the data of *Deep Learning from Scratch 3*,
 * bit for bit. Training and test points come from different seeds.
 *
 * shapes: x float32[n,2], y int32[n]
 *
 * @example
 * data.spiral({ train: true }).take([0])   // x: [[-0.13981389, -0.0072165737]], y: [1]
 */
export const spiral = (options: { readonly train: boolean }): Dataset<Labelled> => {
  const { train } = spirals('spiral', options)
  check('spiral', 'train', flag, train)
  const generator = randomState(train ? 1984 : 2020)
  const n = arms * pointsPerArm
  const points = new Float32Array(n * 2)
  for (let arm = 0; arm < arms; arm++)
    for (let i = 0; i < pointsPerArm; i++) {
      const radius = i / pointsPerArm
      const angle = arm * 4 + 4 * radius + generator.normal() * 0.2
      const row = arm * pointsPerArm + i
      points[2 * row] = radius * Math.sin(angle)
      points[2 * row + 1] = radius * Math.cos(angle)
    }
  const order = generator.permutation(n)
  const x = Float32Array.from({ length: n * 2 }, (_, i) => points[2 * order[i >> 1]! + (i & 1)]!)
  const y = Int32Array.from(order, (row) => Math.floor(row / pointsPerArm))
  return fromColumns({ x: hostTensor(aval([n, 2], 'float32'), x), y: hostTensor(aval([n], 'int32'), y) })
}
