/**
 * DeZero: `get_conv_outsize`, O = (I + 2 P - F) / S + 1; a size of zero or less silently makes an empty array.
 * Here `evalShape` asks any function for the shape of its result, without computing it, and what does not fit throws with the formula filled in.
 */
import type { Tensor } from 'adjoint'
import { evalShape, nn, shapeDtype } from 'adjoint'
import type { Step } from './step.js'
import { refusal } from './step.js'

const size = (input: number, kernel: number, strides: number, padding: number): string => {
  const run = (x: Tensor, w: Tensor): Tensor => nn.conv(x, w, { strides, padding })
  const { shape } = evalShape(run, shapeDtype([1, 1, input, input]), shapeDtype([1, 1, kernel, kernel]))
  return shape.slice(2).join(' ')
}

export const step55: Step = {
  title: 'The size of a convolution',
  run: () => [
    size(4, 3, 1, 1),
    size(4, 2, 1, 0),
    size(224, 7, 2, 3),
    size(224, 2, 2, 0),
    size(5, 2, 2, 0),
    refusal(() => size(4, 7, 1, 0)),
  ],
}
