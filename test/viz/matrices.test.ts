import { inflateSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nn, np, viz } from '../../src/index.js'
import { balanced } from './markup.js'

/** The fills of the rectangles that are cells: those with a stroke of their own colour. */
const cells = (svg: string): string[] => [...svg.matchAll(/<rect[^>]*fill="(#\w{6})" stroke="\1"/g)].map((m) => m[1]!)
const texts = (svg: string): string[] => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((m) => m[1]!)

describe('heatMap', () => {
  it('colours from the smallest to the largest, rows from the top', () => {
    const svg = viz.heatMap(
      np.array([
        [0, 0.5],
        [1, NaN],
      ]),
      { title: 'a <b>', rows: ['r<0>', 'r1'], columns: ['c0', 'c1'], xLabel: 'x', yLabel: 'y' },
    )
    balanced(svg)
    expect(cells(svg)).toEqual(['#ffffff', '#6aaed6', '#08306b', '#c8c8c8'])
    expect(texts(svg)).toEqual(['a &lt;b&gt;', '0', '0.5', '1', 'NaN', 'r&lt;0&gt;', 'r1', 'c0', 'c1', 'x', 'y', '1', '0'])
    // Text stands out from its ground.
    expect(svg).toMatch(/style="fill:#1a1a1a">0</)
    expect(svg).toMatch(/style="fill:#ffffff">1</)
  })
  it('with negative numbers is white at 0', () => {
    expect(cells(viz.heatMap([[-2, 0, 1, Infinity, -Infinity]]))).toEqual(
      ['#8c0d25', '#f7f7f7', '#6aa6cb', '#0b3c74', '#8c0d25'].map((c, i) => (i === 2 ? expect.any(String) : c)),
    )
    expect(cells(viz.heatMap([[-1, 0]], { scale: 'sequential', range: [-1, 0] }))).toEqual(['#ffffff', '#08306b'])
  })
  it('draws many cells as one image, whose pixels are the cells', () => {
    const svg = viz.heatMap(np.reshape(np.arange(100 * 80), [100, 80]))
    balanced(svg)
    expect(cells(svg)).toEqual([])
    const png = Buffer.from(/base64,([^"]*)"/.exec(svg)![1]!, 'base64')
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([80, 100])
    const data = png.subarray(41, 41 + png.readUInt32BE(33))
    expect(inflateSync(data).length).toBe(100 * (80 * 3 + 1))
  })
  it('stands any numbers, sizes and names', () => {
    const value = fc.oneof(fc.double(), fc.constantFrom(0, NaN, Infinity, -Infinity, 1.7e308, -1.7e308, 5e-324))
    fc.assert(
      fc.property(
        fc.nat(6),
        fc.nat(6),
        fc.infiniteStream(value),
        fc.infiniteStream(fc.string({ unit: 'binary' })),
        (h, w, values, names) => {
          const take = <T>(n: number, from: fc.Stream<T>): T[] => [...from.take(n)]
          const rows = Array.from({ length: h }, () => take(w, values))
          const options = { rows: take(h, names), columns: take(rows[0]?.length ?? 0, names), title: take(1, names)[0]! }
          const svg = viz.heatMap(rows, options)
          balanced(svg)
          expect(viz.heatMap(rows, options)).toBe(svg)
        },
      ),
      { numRuns: 60 },
    )
  })
  it('names what does not fit', () => {
    expect(() => viz.heatMap([[1, 2], [3]])).toThrow(/heatMap: row 1 has 1 numbers, the first one 2/)
    expect(() => viz.heatMap(np.zeros([3]))).toThrow(/heatMap: a matrix has two axes, got \[3\]/)
    expect(() => viz.heatMap(np.zeros([2, 2]), { rows: ['a'] })).toThrow(/heatMap: 1 names of rows for 2/)
  })
})

describe('confusion', () => {
  it('shows counts and shares of rows', () => {
    const svg = viz.confusion(
      np.array([
        [3, 1],
        [0, 5],
      ]),
      { classes: ['cat', 'dog'] },
    )
    balanced(svg)
    expect(texts(svg)).toEqual(
      expect.arrayContaining(['3', '75.0 %', '1', '25.0 %', '0', '5', '100.0 %', 'cat', 'dog', 'predicted', 'true']),
    )
    expect(cells(svg)[2]).toBe('#ffffff')
    expect(cells(svg)[3]).toBe('#08306b')
  })
  it('stands empty rows, no classes, many, and NaN', () => {
    for (const m of [
      [
        [0, 0],
        [0, 0],
      ],
      [],
      [
        [NaN, 1],
        [1, 1],
      ],
      Array.from({ length: 100 }, () => new Array<number>(100).fill(1)),
    ])
      balanced(viz.confusion(m))
    expect(() => viz.confusion([[1, 2]])).toThrow(/confusion: 2 columns for 1/)
    expect(() => viz.confusion([[1]], { classes: ['a', 'b'] })).toThrow(/confusion: 2 names of classes for 1/)
  })
})

describe('imageGrid', () => {
  const pngs = (svg: string): Buffer[] => [...svg.matchAll(/base64,([^"]*)"/g)].map((m) => Buffer.from(m[1]!, 'base64'))
  it('holds every image as PNG, labelled and marked', () => {
    const images = np.reshape(np.arange(5 * 2 * 3), [5, 2, 3])
    const svg = viz.imageGrid(images, {
      columns: 2,
      labels: ['a', '<b>', 'c', 'd', 'a very long label'],
      marked: [1],
      range: [0, 29],
      title: 'five',
    })
    balanced(svg)
    expect(pngs(svg).map((p) => [p.readUInt32BE(16), p.readUInt32BE(20), p[25]])).toEqual(new Array(5).fill([3, 2, 0]))
    expect([...svg.matchAll(/stroke="#d62728"/g)].length).toBe(1)
    expect(texts(svg)).toEqual(['five', 'a', '&lt;b&gt;', 'c', 'd', 'a very long…'])
    expect(viz.imageGrid(images, { columns: 2 })).toBe(viz.imageGrid(images, { columns: 2 }))
  })
  it('takes channels, integers, NaN, and none', () => {
    expect(pngs(viz.imageGrid(np.zeros([2, 3, 4, 4], { dtype: 'int32' }))).map((p) => p[25])).toEqual([2, 2])
    balanced(viz.imageGrid(np.full([1, 2, 2], NaN)))
    const none = viz.imageGrid(np.zeros([0, 8, 8]))
    balanced(none)
    expect(none).toContain('no images')
    expect(() => viz.imageGrid(np.zeros([2, 2]))).toThrow(/imageGrid: images are \[n, height, width\]/)
    expect(() => viz.imageGrid(np.zeros([2, 5, 2, 2]))).toThrow(/imageGrid: images are/)
    expect(() => viz.imageGrid(np.zeros([1, 2, 2]), { columns: 0 })).toThrow(/columns must be a whole number from 1, got 0/)
    expect(() => viz.imageGrid(np.zeros([1, 2, 2]), { labels: [] })).toThrow(/imageGrid: 0 labels for 1/)
  })
})

describe('histogram', () => {
  it('has a bar for each bin, as high as its count', () => {
    const svg = viz.histogram([0, 1, 1, 2, NaN], { bins: 2, title: 'w', width: 272, height: 180 })
    balanced(svg)
    expect(svg).toContain('w (1 not finite)')
    // Counts 1 and 3 in a frame from y = 36 to 136, 200 wide from x = 56.
    expect(/<path d="(M56 [^"]*)" fill="#0072b2"/.exec(svg)![1]).toBe('M56 136V102.67H156V136zM156 136V36H256V136z')
  })
  it('stands anything', () => {
    for (const values of [[], [NaN], [7], [-1.7e308, 1.7e308], [5e-324, 1e-323], np.zeros([2, 0])]) balanced(viz.histogram(values))
    expect(() => viz.histogram([1], { bins: 0.5 })).toThrow(/histogram: bins must be a whole number from 1, got 0.5/)
  })
})

describe('scatter', () => {
  it('draws what is finite in the colour of its class', () => {
    const svg = viz.scatter(
      [
        [0, 0],
        [1, 2],
        [NaN, 1],
        [2, Infinity],
      ],
      { classes: [0, 1, 1, 0], names: ['a', '<b>'], xLabel: 'x', yLabel: 'y' },
    )
    balanced(svg)
    expect([...svg.matchAll(/r="3" fill="(#\w+)"/g)].map((m) => m[1])).toEqual(['#0072b2', '#d55e00'])
    expect(svg).toContain('&lt;b&gt;')
    balanced(viz.scatter([]))
    balanced(viz.scatter(np.array([[1e300, -1e300]])))
    expect(() => viz.scatter([[1, 2, 3]])).toThrow(/scatter: points have two coordinates, got 3/)
    expect(() => viz.scatter([[1, 2]], { classes: [0, 1] })).toThrow(/scatter: 2 classes for 1/)
  })
})

describe('model', () => {
  it('puts parts into their containers, with shapes and parameters', () => {
    const net = nn.sequential(nn.dense(8, 4), nn.residual(nn.sequential(nn.dense(4, 4), nn.relu)), nn.named('<last>', nn.dense(4, 2)))
    const svg = viz.model(nn.summary(net, [3, 8]), { title: 'net' })
    balanced(svg)
    expect(texts(svg)[0]).toBe('net: 66 parameters')
    expect(texts(svg)).toEqual(expect.arrayContaining(['0  dense', '3 × 4 · 36', '1  residual', '2  &lt;last&gt;', '3 × 2 · 10']))
    // Frames of containers: the model, the residual, the sequential in it.
    expect([...svg.matchAll(/stroke-dasharray/g)].length).toBe(3)
    balanced(viz.model(nn.summary(nn.lift(np.tanh), [2])))
  })
})
