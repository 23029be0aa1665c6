/** What a model consists of, as a table; nothing is computed and no parameter is allocated. */
import { check, count as sizes, dtype as dtypeMeaning, listOf } from '../core/check.js'
import { optionsOf } from '../core/options.js'
import type { DType } from '../core/dtype.js'
import { dtypes } from '../core/dtype.js'
import type { Shape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { evalShape, shapeDtype } from '../transforms/evalShape.js'
import * as tree from '../tree/index.js'
import type { Layer, InitPlace } from './layer.js'
import { layers } from './layer.js'

/** A part of a model. */
export interface SummaryRow {
  /** As in the tree of parameters; empty for the model itself. */
  readonly path: string
  readonly name: string
  readonly outputShape: Shape
  /** The number of parameters, those of its parts included. */
  readonly parameters: number
  /** The numbers in its state, those of its parts included. */
  readonly state: number
}

/** What `summary` gives: rows from the outside inwards, the model itself first; a table as a string. */
export interface Summary {
  readonly rows: readonly SummaryRow[]
  readonly parameters: number
  readonly state: number
  /** Bytes of parameters. */
  readonly bytes: number
  /** The table. */
  readonly toString: () => string
}

const tensorsOf = (t: unknown): readonly Tensor[] => tree.leaves(t) as readonly Tensor[]
const count = (t: unknown): number => tensorsOf(t).reduce((n, x) => n + x.size, 0)
const spaced = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ' ')
const depth = (path: string): number => (path === '' ? 0 : path.split('/').length)

/** Columns of text, the last one right-aligned. */
const table = (rows: readonly (readonly [string, string, string])[]): readonly string[] => {
  const width = ([0, 1, 2] as const).map((k) => Math.max(...rows.map((row) => row[k].length)))
  return rows.map(([a, b, c]) => `${a.padEnd(width[0]!)}  ${b.padEnd(width[1]!)}  ${c.padStart(width[2]!)}`)
}

const show = ({ rows, parameters, state, bytes }: Omit<Summary, 'toString'>): string => {
  const lines = table([
    ['layer', 'output', 'parameters'],
    ...rows.map(({ path, name, outputShape, parameters: n }): [string, string, string] => [
      `${'  '.repeat(depth(path))}${path === '' ? name : `${path.slice(path.lastIndexOf('/') + 1)} ${name}`}`,
      outputShape.join(' x '),
      spaced(n),
    ]),
  ])
  const megabytes = `${(bytes / 1e6).toFixed(1)} MB`
  return [...lines, `parameters: ${spaced(parameters)} (${megabytes})${state === 0 ? '' : `, state: ${spaced(state)}`}`].join('\n')
}

/** Options of `summary`. */
export interface SummaryOptions {
  /** What the input holds; what the model takes by default. */
  readonly dtype?: DType
}

const summaries = optionsOf<SummaryOptions>({ dtype: dtypeMeaning })

/**
 * The parts of a model, the shapes they put out for an input of this shape, and their parameters. A container's count is the
 * sum of its parts'. Nothing is computed: a model of any size takes no memory.
 *
 * @throws ShapeError where the input does not fit, as `apply` would.
 * @example
 * const model = nn.sequential(nn.conv2d(1, 8, 3), nn.relu, nn.flatten, nn.dense(10))
 * nn.summary(model, [1, 1, 28, 28]).parameters   // 54170
 * String(nn.summary(model, [1, 1, 28, 28]))      // the table
 */
export const summary = <P, S>(model: Layer<P, S>, inputShape: Shape, options: SummaryOptions = {}): Summary => {
  check('summary', 'model', layers, model)
  check('summary', 'inputShape', { ...listOf(sizes), says: 'the shape of an input: a list of sizes' }, inputShape)
  const { dtype = model.takes ?? 'float32' } = summaries('summary', options)
  // eslint-disable-next-line functional/no-let -- what the tap has seen so far
  let parts: readonly SummaryRow[] = []
  const rowOf = (y: Tensor, { path, name, params, state }: InitPlace): SummaryRow => ({
    path,
    name,
    outputShape: y.shape,
    parameters: count(params),
    state: count(state),
  })
  // a container is done after its parts, and stands before them
  const tap = (y: Tensor, at: InitPlace): Tensor => {
    const first = parts.findIndex(({ path }) => path.startsWith(`${at.path}/`))
    const before = first === -1 ? parts.length : first
    parts = [...parts.slice(0, before), rowOf(y, at), ...parts.slice(before)]
    return y
  }
  const { y, params, state } = evalShape(
    (key: Tensor, x: Tensor) => {
      const [own, start] = [model.init(key, inputShape), model.initState(inputShape)]
      return { y: model.apply(own, { key, state: start, tap })(x), params: own, state: start }
    },
    shapeDtype([2], 'uint32'),
    shapeDtype(inputShape, dtype),
  )
  const whole = rowOf(y, { path: '', name: model.name, params, state })
  const bytes = tensorsOf(params).reduce((n, p) => n + p.size * dtypes[p.dtype].bytes, 0)
  const facts = { rows: [whole, ...parts], parameters: whole.parameters, state: whole.state, bytes }
  return { ...facts, toString: () => show(facts) }
}
