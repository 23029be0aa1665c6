import { describe, it } from 'vitest'
import { nn, np, onnx, viz } from 'adjoint'
import { odd, oddOptions, refusal, refusesAt } from './odd.js'

const matrix = [
  [1, 2],
  [3, 4],
]
const noSize: readonly unknown[] = [0, -1, NaN, '2', null]

const withOptions: readonly (readonly [keyof typeof viz, readonly unknown[], Readonly<Record<string, readonly unknown[]>>])[] = [
  ['confusion', [matrix], { size: noSize, classes: ['a', [1, 2]], title: [1, null] }],
  ['curve', [[{ name: 'a', values: [1, 2] }]], { width: noSize, height: noSize, start: [NaN], step: ['1'], xLabel: [1] }],
  ['histogram', [[1, 2]], { bins: [...noSize, 1.5], width: noSize }],
  ['imageGrid', [np.ones([1, 2, 2])], { columns: [...noSize, 1.5], size: noSize, range: [[0], 1], labels: ['a'], marked: [[-1]] }],
  ['heatMap', [matrix], { size: noSize, scale: ['linear'], range: [[0], [0, NaN]], format: [true], rows: ['ab'] }],
  ['scatter', [matrix], { width: noSize, names: ['a', [1]] }],
]

describe.each(withOptions)('%s', (name, args, options) => {
  it('refuses options that it does not have, and what is no options', () =>
    refusesAt(name, viz[name], [...args, {}], args.length, oddOptions))
  it('refuses values that its options do not take', () =>
    Object.entries(options).forEach(([option, values]) =>
      refusesAt(
        name,
        viz[name],
        [...args, {}],
        args.length,
        values.map((v) => ({ [option]: v })),
      ),
    ))
})

describe('arguments', () => {
  it('refuse what cannot be drawn', () => {
    for (const name of ['confusion', 'heatMap', 'scatter'] as const)
      refusesAt(name, viz[name], [matrix], 0, [undefined, null, 'text', 1, [1]])
    refusesAt('curve', viz.curve, [[]], 0, [undefined, null, 'text', [1], [{ name: 'a' }]])
    refusesAt('imageGrid', viz.imageGrid, [np.ones([1, 2, 2])], 0, odd)
    refusesAt('model', viz.model, [nn.summary(nn.dense(2, 2), [1, 2]), {}], 0, [...odd, nn.dense(2, 2)])
    refusesAt('beside', viz.beside, ['<svg/>'], 0, [undefined, null, 1])
    refusesAt('regions', viz.regions, [{}], 0, [undefined, {}, { classify: 1, x: np.ones([1, 2]), y: np.ones([1]) }])
    refusesAt('reporter', viz.reporter, [{}], 0, [undefined, {}, { terminal: 1 }, { terminal: { write: () => 1 }, interval: -1 }])
    refusesAt('toDot', viz.toDot, [{}], 0, [undefined, null, 'text'])
  })
  it('toOnnx', () => {
    const f = np.tanh
    refusesAt('toOnnx', onnx.toOnnx, [f, [np.ones([2])], {}], 0, [...odd, 1])
    refusesAt('toOnnx', onnx.toOnnx, [f, [np.ones([2])], {}], 1, [undefined, null, np.ones([2])])
    refusesAt('toOnnx', onnx.toOnnx, [f, [np.ones([2])], {}], 2, [
      ...oddOptions,
      { opset: 3 },
      { weights: 0 },
      { batch: [0.5] },
      { metadata: 1 },
    ])
    refusal('toOnnx', () => onnx.toOnnx(f, [np.ones([2])], { weights: [7] }))
  })
})
