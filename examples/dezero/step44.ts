/**
 * DeZero: a Parameter is a Variable by another name, and a Layer's `__setattr__` registers the Parameters assigned to it, in a set.
 * Here nothing registers: `init` returns the parameters as a plain tree whose leaves have an order and a path, `apply` takes them.
 */
import { losses, nn, random, tree } from 'adjoint'
import { descend, wave } from './descent.js'
import { affine } from './drawn.js'
import type { Step } from './step.js'

export const step44: Step = {
  title: 'Layers that hold parameters',
  run: ({ short }) => {
    const { x, y, generator } = wave()
    const [l1, l2] = [nn.dense(1, 10), nn.dense(10, 1)]
    const start = { l1: affine(generator, 1, 10), l2: affine(generator, 10, 1) }
    const loss = (p: typeof start) => losses.meanSquaredErrorPerRow(l2.apply(p.l2)(nn.sigmoid(l1.apply(p.l1)(x))), y)
    const own = tree.paths({ l1: l1.init(random.key(0)), l2: l2.init(random.key(1)) }).join(' ')
    return [own, ...descend(loss, start, short)]
  },
}
