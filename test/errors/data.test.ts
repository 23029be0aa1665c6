import { describe, it } from 'vitest'
import { data, np, random } from 'adjoint'
import { odd, oddOptions, refusesAt } from './odd.js'

const key = random.key(0)
const rows = data.fromColumns({ x: np.ones([5, 2]) })
const image = np.ones([3, 4, 4])
const noSize: readonly unknown[] = [0, -1, 1.5, NaN, '2', null]

describe('data sets', () => {
  it('refuse what is none', () => {
    refusesAt('map', data.map, [rows, (b: unknown) => b], 0, [...odd, 1])
    refusesAt('map', data.map, [rows, (b: unknown) => b], 1, [...odd, 1, async (b: unknown) => await Promise.resolve(b)])
    refusesAt('subset', data.subset, [rows, [0]], 0, odd)
    refusesAt('subset', data.subset, [rows, [0]], 1, [...odd, [5], [-1], [0.5]])
    refusesAt('all', data.all, [rows], 0, odd)
    refusesAt('concat', data.concat, [rows, rows], 1, odd)
    refusesAt('split', data.split, [rows, 2, {}], 0, odd)
    refusesAt('split', data.split, [rows, 2, {}], 1, [...odd, 6, -1, 0.5, NaN])
    refusesAt('split', data.split, [rows, 2, {}], 2, [...oddOptions, { key: 3 }])
    refusesAt('lazy', data.lazy, [3, () => np.ones([1])], 0, [...odd, -1, 0.5, NaN, Infinity])
    refusesAt('lazy', data.lazy, [3, () => np.ones([1])], 1, [...odd, 1])
    refusesAt('take', rows.take, [[0]], 0, [...odd, 1, [9], [0.5]])
  })
  it('batches', () => {
    refusesAt('batches', data.batches, [rows, { size: 2 }], 1, [undefined, ...oddOptions, ...noSize.map((size) => ({ size }))])
    refusesAt('batches', data.batches, [rows, { size: 2 }], 1, [
      { size: 2, key: 3 },
      { size: 2, dropLast: 1 },
      { size: 2, order: 'a' },
      { batchSize: 2 },
    ])
    refusesAt('sequenceBatches', data.sequenceBatches, [rows, { size: 2 }], 1, [
      undefined,
      ...oddOptions,
      ...noSize.map((size) => ({ size })),
    ])
    refusesAt('windows', data.windows, [[1, 2, 3], { length: 2 }], 0, odd.slice(0, 5))
    refusesAt('windows', data.windows, [[1, 2, 3], { length: 2 }], 1, [undefined, ...oddOptions, ...noSize.map((length) => ({ length }))])
  })
})

describe('streams', () => {
  it('refuse sources and options that are none', () => {
    for (const [name, options] of [
      ['prefetch', { ahead: 2 }],
      ['batchStream', { size: 2 }],
      ['shuffleStream', { buffer: 2, key }],
    ] as const) {
      refusesAt(name, data[name], [[1], options], 0, [undefined, null, 1, Promise.resolve(1)])
      refusesAt(name, data[name], [[1], options], 1, [...oddOptions, ...noSize.map((n) => ({ ...options, [Object.keys(options)[0]!]: n }))])
    }
    refusesAt('mapStream', data.mapStream, [[1], (n: unknown) => n, {}], 1, [...odd, 1])
    refusesAt('mapStream', data.mapStream, [[1], (n: unknown) => n, {}], 2, [...oddOptions, { concurrency: 0 }])
    refusesAt('stream', data.stream, [() => [1]], 0, [...odd, 1])
  })
})

describe('images', () => {
  it('refuse sizes and factors that are none', () => {
    for (const name of ['resize', 'centerCrop'] as const) refusesAt(name, data[name], [2], 0, [...odd, ...noSize, [1], [1, 0], [1, 2, 3]])
    refusesAt('resize', data.resize, [2, {}], 1, [...oddOptions, { method: 'cubic' }, { antialias: 1 }])
    refusesAt('randomCrop', data.randomCrop, [key, 2], 0, [...odd, 3])
    refusesAt('randomCrop', data.randomCrop, [key, 2], 1, [...odd, 0])
    refusesAt('crop', data.crop, [{ top: 0, left: 0, height: 1, width: 1 }], 0, [
      ...odd,
      {},
      { top: -1, left: 0, height: 1, width: 1 },
      { top: 0, left: 0, height: 0, width: 1 },
    ])
    refusesAt('padImages', data.padImages, [1], 0, [...odd, -1, 0.5, NaN, [1]])
    refusesAt('padImages', data.padImages, [1, 0], 1, [null, 'a'])
    for (const name of ['adjustBrightness', 'adjustContrast', 'adjustSaturation'] as const)
      refusesAt(name, data[name], [1], 0, [...odd, -1, NaN])
    refusesAt('colourJitter', data.colourJitter, [key, {}], 0, [...odd, 3])
    refusesAt('colourJitter', data.colourJitter, [key, {}], 1, [...oddOptions, { brightness: 2 }, { contrast: NaN }])
    refusesAt('randomly', data.randomly, [key, (x: unknown) => x, 0.5], 0, [...odd, 3])
    refusesAt('randomly', data.randomly, [key, (x: unknown) => x, 0.5], 1, [...odd, 1])
    refusesAt('randomly', data.randomly, [key, (x: unknown) => x, 0.5], 2, [2, -1, NaN, '0.5'])
    refusesAt('normalise', data.normalise, [{}], 0, [...oddOptions, { mean: NaN }, { std: 'a' }, { axis: 'a' }])
  })
  it('refuse what is no image', () => {
    for (const name of ['flipHorizontal', 'flipVertical', 'toGray', 'swapRedBlue', 'flattenRows'] as const)
      refusesAt(name, data[name], [image], 0, [...odd, 1])
    refusesAt('normalise', data.normalise({ mean: 1 }), [image], 0, odd)
  })
})
