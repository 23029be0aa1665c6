/** Loops that read at positions of their own: how many passes there are, and that kernels read what the Program reads. */
import { describe, expect, it } from 'vitest'
import { lax, losses, nn, np } from '../../src/index.js'
import type { Tensor } from '../../src/core/tensor.js'
import { fuse } from '../../src/compile/loops.js'
import type { Aval } from '../../src/core/aval.js'
import { aval } from '../../src/core/aval.js'
import type { DType } from '../../src/core/dtype.js'
import { dtypes } from '../../src/core/dtype.js'
import { gather } from '../../src/prim/gather.js'
import { target } from '../../src/backend/wasm/target.js'
import { programKernel } from '../../src/backend/reference/program.js'
import { patches } from '../../src/prim/patches.js'
import { optimize } from '../../src/ir/optimize.js'
import { trace } from '../../src/ir/trace.js'
import { byGrain, compileSteps, uneven } from '../backend/wasm/run.js'
import { interpret } from './interpret.js'
import { positioned } from './positioned.js'

const all: readonly DType[] = ['float32', 'float64', 'int32', 'uint32', 'bool']

type F = (...xs: Tensor[]) => Tensor
const float = (...shape: readonly number[]) => aval(shape, 'float32')
const int = (...shape: readonly number[]) => aval(shape, 'int32')

const stepsOf = (f: F, ...avals: readonly Aval[]): readonly string[] =>
  fuse(optimize(trace('test', (xs) => [f(...xs)], avals).program), target).steps.map((s) =>
    s.kind === 'loops' ? `${s.outer.join('x')}|${s.inner.join('x')}` : s.kind === 'alias' ? 'alias' : s.equation.prim.name,
  )
const layerNorm = (x: Tensor): Tensor => {
  const last = { axis: -1, keepdims: true } as const
  const c = np.sub(x, np.mean(x, last))
  return np.div(c, np.sqrt(np.add(np.mean(np.mul(c, c), last), 1e-5)))
}
const likelihood: F = (x, labels) => np.takeAlongAxis(nn.logSoftmax(x), np.expandDims(labels, 1), { axis: 1 })

describe('steps', () => {
  it('paddings and joins take up what they read and what reads them', () => {
    expect(stepsOf((x) => np.tanh(np.pad(np.mul(x, 2), 1)), float(64, 100))).toEqual(['66x102|'])
    expect(stepsOf((x, y) => np.mul(np.concatenate([np.add(x, 1), np.neg(y)], { axis: 1 }), 3), float(30, 7), float(30, 9))).toEqual([
      '30x16|',
    ])
    expect(stepsOf((x) => np.maximum(np.roll(x, 3), 0), float(1000))).toEqual(['1000|'])
  })
  it('an embedding and a layer norm of it are one pass', () => {
    expect(stepsOf((t, i) => layerNorm(np.take(t, i, { axis: 0 })), float(1000, 64), int(8, 16))).toEqual(['8x16|64'])
  })
  it('tables are read at a position that is computed in loops, each at the same', () => {
    const at: F = (x) => np.reshape(np.sum(np.astype(np.greater(x, 0), 'int32'), { axis: 1 }), [1, 1])
    const pair = (x: Tensor, a: Tensor, b: Tensor): readonly Tensor[] => [
      gather(a, at(x), { axes: [0], batch: 0, mode: 'zero' }),
      gather(b, at(x), { axes: [0], batch: 0, mode: 'zero' }),
    ]
    const { program } = trace('test', ([x, a, b]) => pair(x!, a!, b!), [float(1, 1), float(1), float(1)])
    expect(fuse(optimize(program), target).steps.length).toBeGreaterThan(0)
  })
  it('a slice from a computed start is read where it is used', () => {
    expect(stepsOf((x, i) => np.tanh(lax.dynamicSlice(x, [i, i], [20, 20])), float(30, 30), int())).toEqual(['20x20|'])
  })
  it('the likelihood of labels is one pass over the logits, by a mask or by positions', () => {
    const masked: F = (x, labels) => np.sum(np.mul(nn.oneHot(labels, 100), nn.logSoftmax(x)), { axis: -1 })
    expect(stepsOf(masked, float(64, 100), int(64))).toEqual(['64|100'])
    expect(stepsOf(likelihood, float(64, 100), int(64))).toEqual(['64|100'])
  })
  it('its mean is a pass over the logits and one over the rows', () => {
    const loss: F = (x, labels) => np.neg(np.mean(likelihood(x, labels)))
    expect(stepsOf(loss, float(64, 100), int(64))).toEqual(['64|100', '|64'])
    expect(stepsOf((x, labels) => losses.softmaxCrossEntropy(x, labels), float(64, 100), int(64))).toEqual(['64|100', '|64'])
  })
  it('a nest alone, or among heavy neighbours, keeps its own code', () => {
    expect(stepsOf((x) => np.pad(x, 1), float(64, 100))).toEqual(['pad'])
    const rows: F = (t, i) => gather(t, np.reshape(i, [8, 1]), { axes: [0], batch: 0, mode: 'clip' })
    expect(stepsOf(rows, float(50, 64), int(8))).toEqual(['alias', 'gather'])
    expect(stepsOf((x, y) => nn.gelu(np.concatenate([x, y])), float(300), float(300))).toEqual(['concat', '600|'])
  })
  it('work is not multiplied: what overlapping windows read is made once, unless it is cheap', () => {
    const windows =
      (f: (x: Tensor) => Tensor): F =>
      (x) =>
        patches(f(x), { window: [3], strides: [1], padding: [[0, 0]], windowDilation: [1] })
    expect(stepsOf(windows(np.tanh), float(500))).toEqual(['500|', 'patches'])
    expect(stepsOf(windows(np.neg), float(500))).toEqual(['498x3|'])
  })
})

describe('random Programs with positions', () => {
  it.each(all)('of %s mean what they say, read nothing that is not there, and run so', (dtype) => {
    let gathers = 0
    const rounds = Number(process.env.ROUNDS ?? 60)
    for (let seed = 1; seed <= rounds; seed++) {
      const { f, inputs } = positioned(dtype, seed, 3 + (seed % 9))
      const program = optimize(
        trace(
          'test',
          f,
          inputs.map(({ shape, dtype: d }) => aval(shape, d)),
        ).program,
      )
      const data = inputs.map((x) => x.data)
      const want = programKernel(program)(data)
      const fused = fuse(program, target)
      for (const step of fused.steps) if (step.kind === 'loops') gathers += step.values.filter((v) => v.op === 'gather').length
      const same = (got: readonly ArrayLike<number>[], by: string): void => {
        expect(got.length).toBe(want.length)
        got.forEach((x, k) => {
          expect(Array.from(x), `seed ${seed}, output ${k}, ${by}`).toEqual(Array.from(want[k]!))
        })
      }
      same(interpret(fused, data), 'interpreted')
      const run = compileSteps(program)
      for (const cuts of [byGrain, uneven]) same(run(data, cuts), 'compiled')
    }
    expect(gathers).toBeGreaterThan(rounds / 2)
  })
})

describe('positions outside', () => {
  // Most of these positions lie outside of memory: reading there would trap.
  const extremes = [-2147483648, -1, 0, 6, 7, 8, 1000, 65536, 2 ** 29, 2 ** 30, 2147483647]
  it.each(all)('of %s are never read, whatever they are, by elements and by rows', (dtype) => {
    const many = Int32Array.from({ length: 40 }, (_, k) => extremes[k % extremes.length]!)
    for (const shape of [[7], [7, 5], [7, 64], [1, 9], [0, 4]])
      for (const mode of ['clip', 'zero'] as const) {
        if (mode === 'clip' && shape[0] === 0) continue
        const f: F = (x, i) => {
          const y = gather(x, np.reshape(i, [40, 1]), { axes: [0], batch: 0, mode })
          return np.where(np.equal(y, y), y, y)
        }
        const summed: F = (x, i) =>
          shape.length === 1 || dtype === 'bool' ? f(x, i) : np.sub(f(x, i), np.max(f(x, i), { axis: 1, keepdims: true }))
        for (const g of [f, summed]) {
          if (g === summed && dtype === 'uint32') continue
          const program = optimize(trace('test', ([x, i]) => [g(x!, i!)], [aval(shape, dtype), aval([40], 'int32')]).program)
          const x = dtypes[dtype].make(shape.reduce((n, m) => n * m, 1)).map((_, k) => (dtype === 'bool' ? k % 2 : k + 1))
          const want = programKernel(program)([x, many])
          const fused = fuse(program, target)
          expect(interpret(fused, [x, many]).map((y) => Array.from(y))).toEqual(want.map((y) => Array.from(y)))
          expect(compileSteps(program)([x, many], byGrain).map((y) => Array.from(y))).toEqual(want.map((y) => Array.from(y)))
        }
      }
  })
})
