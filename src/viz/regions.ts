/** Decision regions: which class a classifier of the plane gives to every place. */
import { positive, positiveWhole, tensor, text, traceable } from '../core/check.js'
import { recordOf } from '../core/options.js'
import { aval } from '../core/aval.js'
import type { Tensor } from '../core/tensor.js'
import { hostTensor, peek } from '../core/tensor.js'
import type { DataInterval } from './axes.js'
import { axes, extent, frameOf, scales } from './axes.js'
import { colour, element, label, picture, short } from './markup.js'

/** A classifier and the points to show with it. */
export interface RegionsOptions {
  /** Class numbers int32[n] of points float32[n,2]. */
  readonly classify: (points: Tensor) => Tensor
  /** Points float[n,2] to draw. */
  readonly x: Tensor
  /** Their true classes, int[n]. */
  readonly y: Tensor
  readonly title?: string
  readonly width?: number
  readonly height?: number
  /** Places asked for on each axis; 120 by default. */
  readonly resolution?: number
}

const widened = ([low, high]: DataInterval): DataInterval => [low - 0.08 * (high - low), high + 0.08 * (high - low)]

/** The middles of `n` equal parts of an interval. */
const middles = ([low, high]: DataInterval, n: number): readonly number[] =>
  Array.from({ length: n }, (_, i) => low + ((i + 0.5) / n) * (high - low))

/** For every class the path of its cells: runs of one row become one rectangle. Row 0 is the lowest. */
const cells = (
  classes: ArrayLike<number>,
  n: number,
  left: number,
  top: number,
  width: number,
  height: number,
): ReadonlyMap<number, string> => {
  const paths = new Map<number, string>()
  const [w, h] = [width / n, height / n]
  for (let row = 0; row < n; row++)
    for (let from = 0; from < n;) {
      const k = classes[row * n + from]!
      let to = from + 1
      while (to < n && classes[row * n + to] === k) to++
      const y = top + (n - 1 - row) * h
      paths.set(
        k,
        `${paths.get(k) ?? ''}M${short(left + from * w)} ${short(y)}h${short((to - from) * w)}v${short(h + 0.3)}h${short((from - to) * w)}z`,
      )
      from = to
    }
  return paths
}

const regionsOf = recordOf<RegionsOptions>(
  { classify: traceable, x: tensor, y: tensor, title: text, width: positive, height: positive, resolution: positiveWhole },
  ['classify', 'x', 'y'],
)

/**
 * The regions of the classes and the points on top of them as an SVG. Points of the wrong region have a dark rim; those
 * that are not finite are left out.
 *
 * @example
 * const x = np.array([[0, 0], [1, 1]])
 * viz.regions({ classify: (p) => np.astype(np.greater(np.sum(p, { axis: 1 }), 1), 'int32'), x, y: np.array([0, 1], { dtype: 'int32' }) })
 */
export const regions = (options: RegionsOptions): string => {
  const { classify, x, y, title = 'decision regions', width = 480, height = 400, resolution: n = 120 } = regionsOf('regions', options)
  const frame = frameOf(width, height)
  const points = peek(x)
  const truth = peek(y)
  const column = (k: number): readonly number[] => Array.from({ length: truth.length }, (_, i) => points[2 * i + k]!)
  const [xs, ys] = [widened(extent(column(0))), widened(extent(column(1)))]
  const [across, up] = [middles(xs, n), middles(ys, n)]
  const grid = Float32Array.from({ length: n * n * 2 }, (_, i) => (i % 2 === 0 ? across[(i >> 1) % n]! : up[Math.floor((i >> 1) / n)]!))
  const predict = (data: Float32Array): ArrayLike<number> => peek(classify(hostTensor(aval([data.length / 2, 2], 'float32'), data)))
  const areas = cells(predict(grid), n, frame.left, frame.top, frame.width, frame.height)
  const guessed = predict(Float32Array.from(points))
  const at = scales(frame, xs, ys)
  const dot = (k: number, i: number): string =>
    element('circle', {
      cx: at.x(points[2 * i]!),
      cy: at.y(points[2 * i + 1]!),
      r: 3,
      fill: colour(k),
      stroke: guessed[i] === k ? '#ffffff' : '#000000',
      'stroke-width': guessed[i] === k ? 0.7 : 1.5,
    })
  const drawn = (i: number): boolean => Number.isFinite(points[2 * i]!) && Number.isFinite(points[2 * i + 1]!)
  const dots = Array.from(truth, (k, i) => (drawn(i) ? dot(k, i) : ''))
  return picture(
    width,
    height,
    title,
    label(frame.left, 22, title, { 'font-weight': 'bold' }),
    ...[...areas].sort(([a], [b]) => a - b).map(([k, d]) => element('path', { d, fill: colour(k), 'fill-opacity': 0.25 })),
    axes(frame, xs, ys),
    ...dots,
  )
}
