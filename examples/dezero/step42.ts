/**
 * DeZero: W and b are Variables among others; `cleargrad` and `-=` are for them, although gradients of everything are computed.
 * Here the parameters are the first argument of the loss, and `grad` is with respect to them alone.
 */
import type { Tensor } from 'adjoint'
import { data, jit, losses, np, valueAndGrad } from 'adjoint'
import { rand } from './drawn.js'
import type { Step } from './step.js'
import { float64 } from './step.js'

interface Params {
  readonly w: Tensor
  readonly b: Tensor
}

const generator = data.randomState(0)
const x = rand(generator, [100, 1])
const y = np.add(np.add(5, np.mul(2, x)), rand(generator, [100, 1]))

const loss = ({ w, b }: Params): Tensor => losses.meanSquaredErrorPerRow(np.add(np.matmul(x, w), b), y)

const step = jit((params: Params) => {
  const [value, grads] = valueAndGrad(loss)(params)
  return { w: np.sub(params.w, np.mul(0.1, grads.w)), b: np.sub(params.b, np.mul(0.1, grads.b)), value }
})

export const step42: Step = {
  title: 'Linear regression',
  run: () => {
    let now = { w: float64([[0]]), b: float64([0]), value: float64(NaN) }
    for (let i = 0; i < 100; i++) now = step({ w: now.w, b: now.b })
    const [w, b, value] = [now.w, now.b, now.value].map((v) => Number(v.item()).toFixed(8))
    return [`W ${w!}, b ${b!}, loss ${value!}`]
  },
}
