/** Hyperparameters that are state: read by path, changed between steps, without a new trace. */
import { check, finite, record, refuse, traceable } from '../core/check.js'
import type { DType } from '../core/dtype.js'
import { isReal, joins } from '../core/dtype.js'
import type { Tensor } from '../core/tensor.js'
import { astype, full } from '../numpy/create.js'
import { tensors } from './leaves.js'
import type { Schedule } from './schedule.js'
import { increment, noUpdates } from './scale.js'
import type { GradientTransformation, ParamsTree, State, StatesFor } from './transform.js'
import { fromStep } from './transform.js'

/** State of `injectHyperparams`. */
export interface HyperparamsState<S extends State = State, K extends string = string, P = ParamsTree> {
  readonly count: Tensor
  /** The values by name: scalars, in the widest float dtype of the parameters. */
  readonly hyperparams: Readonly<Record<K, Tensor>>
  readonly inner: StatesFor<S, P>
}

const widest = (params: unknown): DType =>
  tensors(params)
    .map((p) => p.dtype)
    .filter(isReal)
    .reduce((a, b) => joins[a][b], 'float32')

/**
 * The transformation that `make` builds of scalar tensors, with these kept in the state: numbers stay until someone changes
 * them there, schedules give a new value at every update. `make` runs at every update, so the steps that it returns
 * must be the same ones whatever the values. Learning rates, decay rates, bounds and momenta may be tensors.
 *
 * @example
 * const optimizer = optim.injectHyperparams(({ learningRate }) => optim.sgd(learningRate), { learningRate: 0.5 })
 * const state = optimizer.init(params)
 * tree.get(state, '0/hyperparams/learningRate')  // 0.5
 * const slower = tree.at(state, '0/hyperparams/learningRate', () => np.array(0.25))
 * optimizer.update(params, slower, params)[0].l2.b  // [-0.25, -0.5]
 */
export const injectHyperparams = <K extends string, S extends State>(
  make: (hyperparams: Readonly<Record<K, Tensor>>) => GradientTransformation<S>,
  hyperparams: Readonly<Record<K, number | Schedule>>,
): GradientTransformation<readonly [HyperparamsState<S, K>]> => {
  check('injectHyperparams', 'make', traceable, make)
  const entries = Object.entries<number | Schedule>(check('injectHyperparams', 'hyperparams', record, hyperparams) as never)
  entries.forEach(([name, value]) => {
    if (!finite.accepts(value) && !traceable.accepts(value))
      refuse('injectHyperparams', name, { ...finite, says: 'a finite number or a schedule' }, value)
  })
  const now = (count: Tensor, dtype: DType, kept: Readonly<Record<string, Tensor>> | null): Readonly<Record<K, Tensor>> =>
    Object.fromEntries(
      entries.map(([name, value]) => {
        if (typeof value === 'function') return [name, astype(value(astype(count, dtype)), dtype)]
        return [name, kept === null ? full([], value, { dtype }) : astype(kept[name]!, dtype)]
      }),
    ) as Readonly<Record<K, Tensor>>
  return fromStep({
    name: 'injectHyperparams',
    init: (params) => {
      const first = now(noUpdates(), widest(params), null)
      return { count: noUpdates(), hyperparams: first, inner: make(first).init(params) }
    },
    update: (updates, state: HyperparamsState<S, K>, params) => {
      const values = now(state.count, widest(params), state.hyperparams)
      const [next, inner] = make(values).update(updates, state.inner, params)
      return [next, { count: increment(state.count), hyperparams: values, inner }]
    },
  })
}
