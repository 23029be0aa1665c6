/** Every drawing, of small numbers, as the text it is: what changes in one is seen here and agreed to. */
import { describe, expect, it } from 'vitest'
import { np, viz } from '../../src/index.js'

const points = [
  [0, 1],
  [2, -1],
  [4, 3],
]

describe('drawings', () => {
  it.each<[string, () => string]>([
    ['curve', () => viz.curve([{ name: 'loss', values: [1, 0.5, NaN, 0.25] }], { title: 'a', start: 1, step: 2 })],
    ['scatter', () => viz.scatter(points, { title: 'a', xLabel: 'x', yLabel: 'y', classes: [0, 1, 0], names: ['no', 'yes'] })],
    ['histogram', () => viz.histogram([1, 2, 2, 3, NaN], { bins: 3, xLabel: 'size' })],
    [
      'heatMap',
      () =>
        viz.heatMap(
          [
            [1, -2],
            [0, 4],
          ],
          { rows: ['a', 'b'], columns: ['c', 'd'], xLabel: 'x', yLabel: 'y' },
        ),
    ],
    [
      'confusion',
      () =>
        viz.confusion(
          [
            [5, 1],
            [0, 3],
          ],
          { classes: ['cat', 'dog'] },
        ),
    ],
    [
      'imageGrid',
      () =>
        viz.imageGrid(
          np.array([
            [
              [0, 1],
              [0.5, 0.25],
            ],
            [
              [1, 1],
              [0, 0],
            ],
          ]),
          { labels: ['a', 'b'], marked: [1], size: 16 },
        ),
    ],
    [
      'regions',
      () =>
        viz.regions({
          classify: (at) => np.greater(np.index(at, ':', 0), np.index(at, ':', 1)),
          x: np.array([
            [0, 1],
            [2, -1],
            [4, 3],
          ]),
          y: np.array([0, 1, 1], { dtype: 'int32' }),
          width: 60,
          height: 40,
          resolution: 4,
        }),
    ],
    [
      'beside',
      () =>
        viz.beside(
          '<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20"><g/></svg>',
          '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="10" height="40"><path/></svg>',
        ),
    ],
  ])('%s', (_, draw) => {
    expect(draw()).toMatchSnapshot()
  })
})
