import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { np, viz } from '../../src/index.js'
import { balanced } from './markup.js'

describe('curve', () => {
  it('draws every series, leaves gaps where values are not finite', () => {
    const svg = viz.curve(
      [
        { name: 'train <a>', values: [1, 0.5, NaN, 0.2] },
        { name: 'test', values: [2, Infinity, 1, 0.5] },
      ],
      { title: 'a & b' },
    )
    balanced(svg)
    expect(svg).toContain('train &lt;a&gt;')
    expect(viz.curve([], { title: 'a\u0000\ud800b' })).toContain('a\ufffd\ufffdb')
    expect(svg).toContain('a &amp; b')
    const [train] = [...svg.matchAll(/d="(M[^"]*)" fill="none" stroke="#0072b2"/g)].map((m) => m[1]!)
    expect(train!.match(/M/g)!.length).toBe(2)
    expect(train!.match(/L/g)!.length).toBe(1)
  })
  it('counts its axis from `start` by `step`', () => {
    const svg = viz.curve([{ name: 'a', values: [0, 1, 4, 9, 16] }], { start: -1, step: 0.5 })
    const shown = [...svg.matchAll(/text-anchor="middle"[^>]*>([^<]*)</g)].map((m) => m[1])
    expect(shown).toEqual(['-1', '-0.5', '0', '0.5', '1', 'epoch'])
  })
  it('is the same text for the same values, and stands one value or none', () => {
    const values = [3, 2, 1]
    expect(viz.curve([{ name: 'a', values }])).toBe(viz.curve([{ name: 'a', values }]))
    for (const one of [[], [5], [NaN], [1e300], [-1.7e308, 1.7e308], [1e16, 1e16 + 2], [5e-324, 1e-323], [1, 1 + 2 ** -52]])
      balanced(viz.curve([{ name: 'a', values: one }]))
    expect(viz.curve([{ name: 'a', values: [-1.7e308, 1.7e308] }]).length).toBeLessThan(20_000)
  })
})

describe('regions', () => {
  const x = np.array([
    [-1, -1],
    [1, 1],
    [1, -1],
  ])
  const y = np.array([0, 1, 0], { dtype: 'int32' })
  const right = (p: Tensor): Tensor => np.astype(np.greater(np.take(p, 0, { axis: 1 }), 0), 'int32')
  it('covers the plane with the classes, marks the wrong points', () => {
    const svg = viz.regions({ classify: right, x, y, resolution: 10 })
    balanced(svg)
    const areas = [...svg.matchAll(/<path d="([^"]*)" fill="(#\w+)" fill-opacity/g)]
    expect(areas.map((a) => a[2])).toEqual(['#0072b2', '#d55e00'])
    expect(areas.map((a) => a[1]!.match(/M/g)!.length)).toEqual([10, 10])
    expect([...svg.matchAll(/<circle[^>]*stroke="#000000"/g)].length).toBe(1)
    expect([...svg.matchAll(/<circle/g)].length).toBe(3)
  })
  it('leaves out points that are not finite, and stands having none', () => {
    const svg = viz.regions({
      classify: right,
      x: np.array([
        [NaN, 0],
        [1, Infinity],
        [1, 1],
      ]),
      y,
      resolution: 4,
    })
    balanced(svg)
    expect([...svg.matchAll(/<circle/g)].length).toBe(1)
    balanced(viz.regions({ classify: right, x: np.zeros([0, 2]), y: np.zeros([0], { dtype: 'int32' }), resolution: 4 }))
  })
})

describe('beside', () => {
  it('puts pictures in a row', () => {
    const one = viz.curve([{ name: 'a', values: [1, 2] }], { width: 300, height: 200 })
    const svg = viz.beside(one, viz.curve([{ name: 'b', values: [1, 2] }], { width: 200, height: 250 }))
    balanced(svg)
    expect(svg).toMatch(/^<svg[^>]*width="500" height="250"/)
    expect(svg).toContain('translate(300 0)')
  })
})

describe('progressLine', () => {
  it('says how far, how fast, how long', () => {
    expect(viz.progressLine({ done: 30, total: 100, seconds: 10, name: 'epoch 1/5', values: { loss: 0.5 } })).toBe(
      'epoch 1/5 [######--------------] 30/100 3.0/s 0:23 left loss 0.5000',
    )
    expect(viz.progressLine({ done: 0, total: 10, seconds: 0 })).toBe('[--------------------] 0/10 0.0/s')
    expect(viz.progressLine({ done: 1, total: 10000, seconds: 1 })).toContain('2:46:39 left')
  })
})
