import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { evalShape, np, printProgram, shapeDtype, trace } from '../../src/index.js'

describe('shapeDtype', () => {
  it('stands for a tensor that is not there', () => {
    const x = shapeDtype([2, 3], 'int32')
    expect([x.shape, x.dtype]).toEqual([[2, 3], 'int32'])
    expect(shapeDtype([4]).dtype).toBe('float32')
    expect(() => x.toTypedArray()).toThrow()
  })
})

describe('evalShape', () => {
  it('gives shapes and dtypes of the results, and computes nothing', () => {
    const { y, n } = evalShape(
      (x: Tensor, w: Tensor) => ({ y: np.matmul(x, w), n: np.argmax(x) }),
      shapeDtype([1 << 15, 1 << 15]),
      shapeDtype([1 << 15, 7]),
    )
    expect([y.shape, y.dtype, n.shape, n.dtype]).toEqual([[1 << 15, 7], 'float32', [], 'int32'])
  })
  it('says what does not fit', () => {
    expect(() => evalShape((x: Tensor, w: Tensor) => np.matmul(x, w), shapeDtype([2, 3]), shapeDtype([4, 5]))).toThrow(
      /inner dimensions differ/,
    )
  })
})

describe('trace', () => {
  it('writes the function down for the shapes it was given', () => {
    const { program, captures } = trace((x: Tensor) => np.mul(np.sin(x), x), shapeDtype([2], 'float64'))
    expect(program.equations.map((e) => e.prim.name)).toEqual(['sin', 'mul'])
    expect(program.outputs.map((v) => v.aval.shape)).toEqual([[2]])
    expect(captures).toEqual([])
    expect(printProgram(program)).toContain('float64[2]')
  })
  it('names what it closed over', () => {
    const w = np.array([1, 2])
    const { program, captures } = trace((x: Tensor) => np.mul(w, x), shapeDtype([2]))
    expect(captures).toEqual([w])
    expect(program.inputs.length).toBe(2)
  })
})
