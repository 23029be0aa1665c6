/** Models run by onnxruntime, where `ADJOINT_ORACLES` says where it is (`scripts/oracles.mjs`). */
import { describe, expect, it } from 'vitest'
import { np } from '../../../src/index.js'
import { primitives } from '../../../src/extend.js'
import { compared, comparePrimitive, compareSizes, compareSubject } from './compare.js'
import { batched, subjects } from './models.js'
import { installed } from './runtime.js'

describe.skipIf(!installed)('onnxruntime computes what we do', () => {
  it.each(compared)('%s: random applications, edge values included', async (name) => {
    expect((await comparePrimitive(name, 8, 3)).wrong).toEqual([])
  })

  it.each(Object.keys(subjects))('%s', async (name) => {
    expect((await compareSubject(subjects[name]!())).wrong).toEqual([])
  })

  it.each(Object.keys(batched))('for batches of 1, 2, 5 and 9: %s', async (name) => {
    expect((await compareSizes(batched[name]!(), [1, 2, 5, 9])).wrong).toEqual([])
  })

  it.each([18, 19, 20, 22, 23])('operator set %i', async (opset) => {
    for (const name of ['GPT, two blocks', 'pooling and its derivative', 'LSTM, two layers']) {
      const subject = subjects[name]!()
      expect((await compareSubject({ ...subject, options: { ...subject.options, opset } })).wrong).toEqual([])
    }
  })

  it('sees what is wrong: a thousandth, a type, a NaN', async () => {
    let calls = 0
    const other = (change: (x: ReturnType<typeof np.array>) => unknown) => (x: ReturnType<typeof np.array>) =>
      calls++ === 0 ? x : change(x)
    const wrong = async (change: (x: ReturnType<typeof np.array>) => unknown) => {
      calls = 0
      return (await compareSubject({ f: other(change), args: [np.array([1, 2])] })).wrong.length
    }
    expect(await wrong((x) => x)).toBe(0)
    expect(await wrong((x) => np.mul(x, 1.001))).toBe(2)
    expect(await wrong((x) => np.astype(x, 'float64'))).toBe(1)
    expect(await wrong((x) => np.sqrt(np.sub(x, 1.5)))).toBe(2)
  })

  it('is asked about all primitives but the three of named axes', () => {
    expect(Object.keys(primitives).length - compared.length).toBe(3)
  })
})
