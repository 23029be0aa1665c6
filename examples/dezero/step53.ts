/**
 * DeZero: `save_weights` flattens nested layers into names with slashes; before the first forward it writes files that cannot be read.
 * Here parameters exist from `init` on, a tree has paths, and gradients are other values: there is nothing else that could be saved.
 */
import type { Tensor } from 'adjoint'
import { io, nn, np, random, tree } from 'adjoint'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Step } from './step.js'

const [l0, l1] = [nn.dense(2, 3), nn.dense(3, 1)]
const initial = (seed: number) => {
  const [k0, k1] = random.split(random.key(seed))
  return { l0: l0.init(k0), l1: l1.init(k1) }
}

export const step53: Step = {
  title: 'Saving and loading',
  run: async () => {
    const [params, other] = [initial(0), initial(1)]
    const files = io.memoryFiles()
    const loaded = await pipe(
      io.saveNpz('my_mlp.npz', params, { files }),
      TE.chain(() => io.loadNpz('my_mlp.npz', { files })),
    )()
    if (E.isLeft(loaded)) return [loaded.left.message]
    const names = Object.keys(loaded.right).sort().join(' ')
    const restored = io.restore(other, loaded.right)
    if (E.isLeft(restored)) return [names, restored.left.message]
    const same = tree.leaves(tree.map((a: Tensor, b: Tensor) => np.all(np.equal(a, b)), restored.right.tree as never, params as never))
    return [names, `equal: ${same.map(String).join(' ')}`]
  },
}
