/** Embeddings: a vector for every integer. */
import { callable, check, dtype as dtypeMeaning, number, oneOf, positiveWhole } from '../core/check.js'
import { meaningsOf, optionsOf } from '../core/options.js'
import type { DType } from '../core/dtype.js'
import type { Tensor } from '../core/tensor.js'
import type { OutOfRangeOption } from '../numpy/outside.js'
import { modes } from '../numpy/outside.js'
import { take } from '../numpy/take.js'
import { struct } from '../random/gen.js'
import { checkSizes } from './fit.js'
import type { Initializer } from './initializer.js'
import { gen, normal } from './initializer.js'
import type { Layer } from './layer.js'
import { statefulLayer } from './layer.js'

/** One row for every integer `[count, features]`. */
export interface EmbeddingTable {
  readonly table: Tensor
}

/** How a table is drawn. */
export interface TableOptions {
  /** How the table is drawn; standard normal numbers by default. */
  readonly wInit?: Initializer
  readonly dtype?: DType
}

/** Options of `embedding`; `mode` and `fillValue` say which row an integer outside the table gives. */
export interface EmbeddingOptions extends TableOptions, OutOfRangeOption {}

const tables = { wInit: callable, dtype: dtypeMeaning }

/** The options of a table, checked. */
export const tableOf = optionsOf<TableOptions>(tables)

const embeddingOf = optionsOf<EmbeddingOptions>(meaningsOf(tables, { mode: oneOf(...modes), fillValue: number }))

/**
 * Row `i` of a table for every integer `i`. A row drawn several times collects the derivatives of all. An integer outside the table
 * gives a row of NaN, eagerly and compiled, unless `mode` says otherwise, as in `np.take`; negative ones count from the end.
 *
 * shapes: int[...] -> [..., features]
 *
 * @throws DTypeError for floats; with `mode: 'throw'` ShapeError for an integer outside the table, TraceError for traced ones.
 * @example
 * const layer = nn.embedding(10, 4)
 * layer.apply(layer.init(random.key(0)))(np.array([3, 1, 3], { dtype: 'int32' })).shape   // [3, 4]
 */
export const embedding = (count: number, features: number, options: EmbeddingOptions = {}): Layer<EmbeddingTable> => {
  const { wInit = normal(1), dtype = 'float32', ...outside } = embeddingOf('embedding', options)
  const shape = [check('embedding', 'count', positiveWhole, count), check('embedding', 'features', positiveWhole, features)]
  return statefulLayer({
    name: 'embedding',
    takes: 'int32',
    gen: () => struct({ table: gen(wInit, shape, dtype) }),
    initState: () => null,
    run: (params) => {
      const { table } = checkSizes('embedding', params, { table: shape })
      return (ids) => [take(table, ids, { axis: 0, ...outside }), null]
    },
  })
}
