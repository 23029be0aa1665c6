import { describe, expect, it } from 'vitest'
import { nn, np, viz } from '../../src/index.js'
import { balanced } from './markup.js'

/** The page without what HTML leaves open: the doctype and the elements of the head that have no end. */
const closed = (html: string): string =>
  html
    .replace('<!doctype html>', '')
    .replace(/<meta[^>]*>/g, '')
    .replace(/<style>[^<]*<\/style>/, '')

const everything = (): viz.Report => ({
  title: 'A <run>',
  subtitle: 'of "everything" & more',
  results: { accuracy: 0.98123456789, note: '<i>', bad: NaN },
  curves: [{ title: 'loss', series: [{ name: 'train', values: [1, NaN, 0.1] }] }],
  confusion: {
    matrix: [
      [1, 2],
      [3, 4],
    ],
    classes: ['<a>', 'b'],
  },
  images: [{ images: np.zeros([3, 4, 4]), title: 'zeros' }],
  model: nn.summary(nn.sequential(nn.dense(4, 3), nn.relu), [1, 4]),
  configuration: {
    optimizer: { name: 'adam', rate: { initial: 1e-3 } },
    list: [1, 'a'],
    w: np.array([1, 2]),
    f: Math.tanh,
    none: null,
    empty: {},
  },
  environment: { node: 'v20' },
  sections: [
    { title: 'Words', text: 'One.\n\nTwo <b>.' },
    {
      title: 'Rows',
      table: {
        columns: ['class', 'F1'],
        rows: [
          ['<0>', 0.123456789],
          ['1', 2],
        ],
      },
    },
    { title: 'Sample', code: 'a <  b', pictures: [viz.histogram([1, 2])] },
  ],
})

describe('report', () => {
  const page = viz.report(everything())
  it('is one page: complete, escaped, without scripts or addresses', () => {
    balanced(closed(page))
    expect(page).toMatch(/^<!doctype html>\n<html lang="en">/)
    expect(page).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org\/2000\/svg)|\bon\w+="|<i>|<b>\.|<run>/)
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"`)
    expect(viz.report(everything())).toBe(page)
  })
  it('shows what it is given', () => {
    for (const part of [
      '0.981235',
      '&lt;i&gt;',
      'NaN',
      '&lt;a&gt;',
      'zeros',
      'optimizer.rate.initial',
      '0.001',
      '[1,&quot;a&quot;]',
      'tanh',
      'null',
      '15 parameters',
      'v20',
      '<p>One.</p><p>Two &lt;b&gt;.</p>',
      '<pre>a &lt;  b</pre>',
      '<th>class</th><th class="number">F1</th>',
      '<td>&lt;0&gt;</td><td class="number">0.123457</td>',
    ])
      expect(page).toContain(part)
    expect([...page.matchAll(/<svg/g)].length).toBe(4)
    expect([...page.matchAll(/<h2>([^<]*)</g)].map((m) => m[1])).toEqual([
      'Curves',
      'Confusion',
      'Images',
      'Words',
      'Rows',
      'Sample',
      'Model',
      'Configuration',
      'Environment',
    ])
  })
  it('leaves out what it is not given, and stands settings that hold themselves', () => {
    const least = viz.report({ title: '' })
    balanced(closed(least))
    expect(least).not.toMatch(/<section|class="tile/)
    const loop: Record<string, unknown> = { a: 1 }
    loop['self'] = loop
    expect(viz.report({ title: 'x', configuration: loop })).toContain('<dt>self</dt><dd>…</dd>')
  })
})
