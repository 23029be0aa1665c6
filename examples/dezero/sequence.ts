/** Truncated back-propagation through time, as the steps 59 and 60 share it. */
import type { Tensor, nn } from 'adjoint'
import { data, jit, losses, np, optim, valueAndGrad } from 'adjoint'

/** A stretch of sequences `[batch, time, 1]` and what comes one step later. */
export interface Piece {
  readonly x: Tensor
  readonly y: Tensor
}

/** Cuts sequences into pieces of at most `length` steps. */
const pieces = ({ x, y }: Piece, length: number): readonly Piece[] => {
  const total = x.shape[1]!
  return Array.from({ length: Math.ceil(total / length) }, (_, k) => {
    const part = (t: Tensor): Tensor => np.index(t, ':', `${k * length}:${Math.min(total, (k + 1) * length)}`)
    return { x: part(x), y: part(y) }
  })
}

/**
 * A pass over the pieces in order. The state goes from piece to piece as an argument, which to `grad` is a constant: derivatives
 * stop at the piece's beginning, and there is nothing to unchain.
 */
export const forecaster = <P, S>(model: nn.Layer<P, S>) => {
  const optimizer = optim.adam(1e-3, { epsHat: true })
  type Own = ReturnType<typeof optimizer.init>
  const lossOf = (params: P, state: S, { x, y }: Piece): [Tensor, S] => {
    const [predicted, next] = model.applyWithState(params, { state })(x)
    return [np.mul(losses.meanSquaredError(predicted, y), x.shape[1]!), next]
  }
  const update = jit((params: P, o: Own, state: S, piece: Piece) => {
    const [[loss, next], grads] = valueAndGrad(lossOf, { hasAux: true })(params, state, piece)
    const [updates, after] = optimizer.update(grads as P, o, params)
    return { params: optim.applyUpdates(params, updates), o: after, state: next, loss }
  })
  return (start: P, all: Piece, epochs: number, length: number): { readonly params: P; readonly seen: readonly string[] } => {
    const parts = pieces(all, length)
    let now: { readonly params: P; readonly o: Own } = { params: start, o: optimizer.init(start) }
    const seen = Array.from({ length: epochs }, (_, epoch) => {
      let state = model.initState(parts[0]!.x.shape)
      let total = 0
      for (const piece of parts) {
        const next = update(now.params, now.o, state, piece)
        now = { params: next.params as P, o: next.o }
        state = next.state as S
        total += Number(next.loss)
      }
      return `| epoch ${epoch + 1} | loss ${(total / all.x.shape[1]!).toFixed(6)}`
    })
    return { params: now.params, seen }
  }
}

/** How far a model is from the cosine, one step ahead, on average: it has only seen the sine. */
export const onCosine = <P, S>(model: nn.Layer<P, S>, params: P): string => {
  const { x, y } = data.all(data.sinCurve({ train: false }))
  const error = losses.meanSquaredError(model.apply(params)(np.expandDims(x, 0)), np.expandDims(y, 0))
  return `cosine, mean squared error ${Number(error).toFixed(4)}`
}
