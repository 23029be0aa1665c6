/**
 * DeZero: layers hold layers, and Model is a Layer that draws itself; a copy of the class in a notebook registers nothing and trains nothing.
 * Here a model is a layer made of layers. What belongs together is told by its form, so copies of the package work together.
 */
import { losses, nn } from 'adjoint'
import { descend, wave } from './descent.js'
import { affine } from './drawn.js'
import type { Step } from './step.js'

export const step45: Step = {
  title: 'Layers of layers',
  run: ({ short }) => {
    const { x, y, generator } = wave()
    const model = nn.sequential(nn.dense(1, 10), nn.sigmoid, nn.dense(10, 1))
    const start: ReturnType<typeof model.init> = [affine(generator, 1, 10), null, affine(generator, 10, 1)]
    const loss = (params: typeof start) => losses.meanSquaredErrorPerRow(model.apply(params)(x), y)
    const table = String(nn.summary(model, [100, 1])).split('\n')
    return [...table, ...descend(loss, start, short)]
  },
}
