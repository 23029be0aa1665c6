/** A training with a checkpoint after every step, large enough that writing one takes a while. */
import * as E from 'fp-ts/lib/Either.js'
import * as O from 'fp-ts/lib/Option.js'
import type { Tensor } from '../../src/index.js'
import { data, io, jit, losses, nn, np, optim, random, valueAndGrad } from '../../src/index.js'

const model = nn.sequential(nn.dense(2, 256), nn.relu, nn.dense(256, 256), nn.relu, nn.dense(256, 3))
const optimizer = optim.chain(optim.clipByGlobalNorm(1), optim.adam(optim.cosineDecaySchedule({ initValue: 0.01, decaySteps: 60 })))

const start = () => {
  const [key, init] = random.split(random.key(5))
  const params = model.init(init)
  return { params, state: optimizer.init(params), key, epoch: 0, batch: 0, loss: 0 }
}
type Run = ReturnType<typeof start>

const update = jit(
  (params: Run['params'], state: Run['state'], x: Tensor, y: Tensor) => {
    const [loss, grads] = valueAndGrad((p: Run['params']) => losses.softmaxCrossEntropy(model.apply(p)(x), y))(params)
    const [updates, next] = optimizer.update(grads, state, params)
    return [optim.applyUpdates(params, updates), next, loss] as const
  },
  { donate: [0, 1] },
)

const rows = data.spiral({ train: true })

/** One batch further: which one follows from the key, the epoch and the place in it, all of which are in the checkpoint. */
const advance = (run: Run): Run => {
  const batches = data.batches(rows, { size: 30, key: random.foldIn(run.key, run.epoch) })
  const { x, y } = [...batches][run.batch]!
  const noise = np.mul(0.01, random.normal(random.foldIn(run.key, 1000 + run.epoch * batches.length + run.batch), x.shape))
  const [params, state, loss] = update(run.params, run.state, np.add(x, noise), y)
  const last = run.batch + 1 === batches.length
  return { params, state, key: run.key, epoch: run.epoch + (last ? 1 : 0), batch: last ? 0 : run.batch + 1, loss: Number(loss.item()) }
}

const right = <A>(e: E.Either<io.DataFault, A>): A => {
  if (E.isLeft(e)) throw new Error(e.left.message)
  return e.right
}

/**
 * Trains in `dir` up to `steps` steps, from the newest checkpoint there, and says the last loss with all its digits. Throws when there
 * are checkpoints and the newest cannot be read.
 */
export const train = async (dir: string, steps: number, onStep: (step: number) => void): Promise<string> => {
  const kept = io.checkpoints({ dir, like: start(), keep: 2 })
  const latest = right(await kept.latest())
  if (O.isSome(latest) && latest.value.skipped.length > 0) throw new Error(latest.value.skipped[0]!.message)
  let run = O.isSome(latest) ? latest.value.value : start()
  for (let step = O.isSome(latest) ? latest.value.step + 1 : 1; step <= steps; step++) {
    run = advance(run)
    right(await kept.save(step, run)())
    onStep(step)
  }
  return String(run.loss)
}
