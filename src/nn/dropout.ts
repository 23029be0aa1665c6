/** Dropout: zeros at random while training, nothing afterwards. */
import { normaliseAxes } from '../core/axis.js'
import { axes, check, probability } from '../core/check.js'
import { fail, ValueError } from '../core/errors.js'
import { optionsOf } from '../core/options.js'
import type { Tensor } from '../core/tensor.js'
import { div } from '../numpy/arithmetic.js'
import { where } from '../numpy/comparison.js'
import { zerosLike } from '../numpy/create.js'
import type { TensorLike } from '../numpy/lift.js'
import { lift, toFloat } from '../numpy/lift.js'
import { bernoulli } from '../random/draw.js'
import type { Key } from '../random/key.js'
import { checkKey } from '../random/key.js'
import { of } from '../random/gen.js'
import type { Layer, None } from './layer.js'
import { layer } from './layer.js'

/** Options of dropout. */
export interface DropoutOptions {
  /** Axes along which one draw decides for all: `[2, 3]` drops whole channels of images `[N, C, H, W]`. */
  readonly broadcast?: number | readonly number[]
}

const broadcasts = optionsOf<DropoutOptions>({ broadcast: axes })

const checkRate = (name: string, rate: number): number => check(name, 'rate', probability, rate)

/**
 * `x / (1 - rate)` where `keep` is true, 0 elsewhere: the mean stays what it was. All zeros for rate 1.
 *
 * @throws ValueError for a rate outside `[0, 1]`.
 * @example
 * nn.dropWhere(np.array([1, 2]), np.array([true, false]), 0.5)   // [2, 0]
 */
export const dropWhere = (x: TensorLike, keep: Tensor, rate: number): Tensor => {
  const t = toFloat(x, 'dropWhere')
  return checkRate('dropWhere', rate) === 1 ? zerosLike(t) : where(lift(keep, 'dropWhere', 'keep'), div(t, 1 - rate), 0)
}

/**
 * Every element is zero with probability `rate` and otherwise divided by `1 - rate`; the same key drops the same elements.
 * `x` itself for rate 0, zeros for rate 1.
 *
 * @throws ValueError for a rate outside `[0, 1]`.
 * @see https://jmlr.org/papers/v15/srivastava14a.html
 * @example
 * nn.drop(random.key(0), np.ones([4]), 0.5)   // zeros and twos
 */
export const drop = (key: Key, x: TensorLike, rate: number, options: DropoutOptions = {}): Tensor => {
  checkKey('drop', key)
  const { broadcast = [] } = broadcasts('drop', options)
  const t = toFloat(x, 'drop')
  if (checkRate('drop', rate) === 0) return t
  const one = normaliseAxes('drop', broadcast, t)
  return dropWhere(
    t,
    bernoulli(
      key,
      1 - rate,
      t.shape.map((n, k) => (one.includes(k) ? 1 : n)),
    ),
    rate,
  )
}

/**
 * `drop` as a layer: at work with `{ train: true, key }` in the context, the identity otherwise. Key and mode are arguments,
 * so that the same call gives the same result.
 *
 * @throws ValueError for a rate outside `[0, 1]`, and when it trains without a key.
 * @example
 * nn.dropout(0.5).apply(null, { train: true, key: random.key(0) })(np.ones([4]))   // zeros and twos
 * nn.dropout(0.5).apply(null)(np.ones([4]))                                         // [1, 1, 1, 1]
 */
export const dropout = (rate: number, options: DropoutOptions = {}): Layer<None> => {
  checkRate('dropout', rate)
  broadcasts('dropout', options)
  return layer(
    'dropout',
    () => of(null),
    (_params, { train = false, key }) =>
      (x) => {
        if (!train || rate === 0) return x
        if (rate === 1) return zerosLike(x)
        return key === undefined
          ? fail(ValueError, 'dropout: training needs a key', { args: { x }, fix: 'model.apply(params, { train: true, key })' })
          : drop(key, x, rate, options)
      },
  )
}
