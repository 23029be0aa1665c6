import { target } from '../../src/backend/wasm/target.js'
import { describe, expect, it } from 'vitest'
import type { LoopKernel } from '../../src/compile/kernels.js'
import { fuse } from '../../src/compile/loops.js'
import { structureOf } from '../../src/compile/structure.js'
import { aval } from '../../src/core/aval.js'
import type { Tensor } from '../../src/core/tensor.js'
import { nn, np } from '../../src/index.js'
import { optimize } from '../../src/ir/optimize.js'
import { trace } from '../../src/ir/trace.js'

const kernelsOf = (f: (xs: readonly Tensor[]) => readonly Tensor[], ...shapes: readonly (readonly number[])[]): LoopKernel[] =>
  fuse(
    optimize(
      trace(
        'test',
        f,
        shapes.map((s) => aval(s, 'float32')),
      ).program,
    ),
    target,
  ).steps.flatMap((s) => (s.kind === 'loops' ? [s] : []))

/** `layers` layers of one kind. */
const deep = (layers: number): LoopKernel[] =>
  kernelsOf(
    ([x, w, b]) => [Array.from({ length: layers }).reduce<Tensor>((h) => nn.relu(np.add(np.matmul(h, w!), b!)), x!)],
    [8, 16],
    [16, 16],
    [16],
  )

describe('structure', () => {
  it('is one for layers of one kind', () => {
    const kernels = deep(6)
    expect(kernels).toHaveLength(6)
    expect(new Set(kernels.map(structureOf)).size).toBe(1)
    expect(structureOf(deep(1)[0]!)).toBe(structureOf(kernels[0]!))
  })
  it('tells apart what has other code', () => {
    const of = (f: (x: Tensor) => Tensor, shape: readonly number[] = [4, 6]): string => structureOf(kernelsOf(([x]) => [f(x!)], shape)[0]!)
    const one = of((x) => np.add(x, 1))
    expect(of((x) => np.add(x, 1))).toBe(one)
    const others = [
      of((x) => np.add(x, 1), [4, 7]),
      of((x) => np.add(x, 2)),
      of((x) => np.mul(x, 3)),
      of((x) => np.add(x, NaN)),
      of((x) => np.add(x, Infinity)),
      of((x) => np.mul(x, -0)),
      of((x) => np.mul(x, 0)),
      of((x) => np.add(np.transpose(x), 1)),
      of((x) => np.sum(x, { axis: 0 })),
      of((x) => np.max(x, { axis: 0 })),
      of((x) => np.greater(x, 1)),
    ]
    expect(new Set([one, ...others]).size).toBe(others.length + 1)
  })
})
