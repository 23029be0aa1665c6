import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ShapeError, ValueError, grad, jit, np, vmap } from '../../src/index.js'
import type { Tensor } from '../../src/index.js'
import { element, elements, modelOf, numbered, places } from './nested.js'

/** The sum of products that an equation describes, by a loop over every label. */
const naiveEinsum = (inputs: readonly string[], output: string, xs: readonly Tensor[]): readonly number[] => {
  const size = new Map<string, number>()
  inputs.forEach((labels, i) => [...labels].forEach((l, k) => size.set(l, Math.max(size.get(l) ?? 0, xs[i]!.shape[k]!))))
  const summed = [...size.keys()].filter((l) => !output.includes(l))
  const models = xs.map(modelOf)
  return places([...output].map((l) => size.get(l)!)).map((outer) =>
    places(summed.map((l) => size.get(l)!)).reduce((total, inner) => {
      const value = (l: string): number => (output.includes(l) ? outer[output.indexOf(l)]! : inner[summed.indexOf(l)]!)
      return (
        total +
        inputs.reduce(
          (p, labels, i) =>
            p *
            element(
              models[i]!,
              [...labels].map((l, k) => (xs[i]!.shape[k] === 1 ? 0 : value(l))),
            ),
          1,
        )
      )
    }, 0),
  )
}

/** Sizes of the labels; `e` is 1, to be stretched or dropped. */
const sizes: Readonly<Record<string, number>> = { a: 2, b: 3, c: 2, d: 4, e: 1 }

const equations = fc
  .array(fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 3 }), { minLength: 1, maxLength: 3 })
  .chain((terms) => fc.tuple(fc.constant(terms.map((t) => t.join(''))), fc.shuffledSubarray([...new Set(terms.flat())])))

describe('einsum', () => {
  it('agrees with loops over all labels: diagonals, traces, outer and batched products', () => {
    fc.assert(
      fc.property(equations, ([inputs, output]) => {
        const xs = inputs.map((labels, i) =>
          numbered(
            [...labels].map((l) => sizes[l]!),
            i,
          ),
        )
        const y = np.einsum(`${inputs.join(',')}->${output.join('')}`, ...xs)
        expect(y.shape).toEqual(output.map((l) => sizes[l]))
        const want = naiveEinsum(inputs, output.join(''), xs)
        elements(y).forEach((v, i) => expect(v).toBeCloseTo(want[i]!, 9))
      }),
      { numRuns: 300 },
    )
  })

  it('has the derivative of a product in every operand', () => {
    const [x, y] = [numbered([2, 3]), numbered([3, 2], 2)]
    const trace = (a: Tensor, b: Tensor): Tensor => np.einsum('ij,ji->', a, b)
    expect(grad(trace)(x, y).toArray()).toEqual(np.transpose(y).toArray())
    expect(grad(trace, { argnums: 1 })(x, y).toArray()).toEqual(np.transpose(x).toArray())
    expect(grad((t: Tensor) => np.einsum('ii->', t))(np.ones([2, 2])).toArray()).toEqual([
      [1, 0],
      [0, 1],
    ])
  })

  it('stretches axes of size 1 and those under an ellipsis', () => {
    const [x, y] = [numbered([2, 1, 3]), numbered([4, 3])]
    expect(np.einsum('...i,...i->...', x, y).shape).toEqual([2, 4])
    expect(elements(np.einsum('...i,...i->...', x, y))).toEqual(elements(np.sum(np.mul(x, y), { axis: -1 })))
    expect(np.einsum('i...->...i', x).shape).toEqual([1, 3, 2])
    expect(np.einsum('...', x).shape).toEqual([2, 1, 3])
  })

  it('writes the result in alphabetical order without an arrow', () => {
    expect(np.einsum('ba', numbered([2, 3])).shape).toEqual([3, 2])
    expect(np.einsum('ij,jk', np.ones([2, 3]), np.ones([3, 4])).shape).toEqual([2, 4])
    expect(np.einsum('ii', np.ones([2, 2])).shape).toEqual([])
    expect(np.einsum(' i j , j -> i ', np.ones([2, 3]), np.ones([3])).toArray()).toEqual([3, 3])
  })

  it('multiplies the cheapest pair first', () => {
    // Left to right this chain would need a matrix of 2000 x 2000.
    const n = 2000
    const column = np.ones([n, 1])
    expect(np.einsum('ij,jk,kl->il', column, np.ones([1, n]), column).shape).toEqual([n, 1])
  })

  it('says what is wrong with an equation', () => {
    const x = np.ones([2, 3])
    expect(() => np.einsum('ij,jk->ik', x, np.ones([4, 2]))).toThrow(
      /sizes of 'j' differ: 3 \(operand 0 axis 1\) and 4 \(operand 1 axis 0\)/,
    )
    expect(() => np.einsum('ij', x, x)).toThrow(/1 operand in the equation, 2 given/)
    expect(() => np.einsum('ijk->i', x)).toThrow(/operand 0 has 2 axes, 'ijk' names 3/)
    expect(() => np.einsum('ij->ik', x)).toThrow(/'k' of the result is in no operand/)
    expect(() => np.einsum('ij->ii', x)).toThrow(ValueError)
    expect(() => np.einsum('i1->i', x)).toThrow(/'1' is neither/)
    expect(() => np.einsum('ij->i->j', x)).toThrow(ValueError)
  })
})

describe('matmul', () => {
  /** Shapes of two operands: vectors, matrices, and stacks whose leading axes broadcast. */
  const operands = fc
    .record({
      batch: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }),
      ones: fc.array(fc.constantFrom('both', 'left', 'right'), { minLength: 2, maxLength: 2 }),
      cut: fc.tuple(fc.nat(2), fc.nat(2)),
      n: fc.integer({ min: 1, max: 3 }),
      k: fc.integer({ min: 0, max: 4 }),
      m: fc.integer({ min: 1, max: 3 }),
      vectors: fc.constantFrom('none', 'left', 'right', 'both'),
    })
    .map(({ batch, ones, cut, n, k, m, vectors }) => {
      const lead = (side: 'left' | 'right', drop: number): readonly number[] =>
        batch.map((s, i) => (ones[i] === side ? 1 : s)).slice(Math.min(drop, batch.length))
      return {
        a: vectors === 'left' || vectors === 'both' ? [k] : [...lead('left', cut[0]), n, k],
        b: vectors === 'right' || vectors === 'both' ? [k] : [...lead('right', cut[1]), k, m],
      }
    })

  it('agrees with loops for vectors, matrices and broadcast stacks', () => {
    fc.assert(
      fc.property(operands, ({ a, b }) => {
        const [x, y] = [numbered(a), numbered(b, 4)]
        const z = np.matmul(x, y)
        // The same product by broadcasting: a sum over the last axis of x's rows times y's columns.
        const rows = a.length === 1 ? np.expandDims(x, 0) : x
        const columns = b.length === 1 ? np.expandDims(y, 1) : y
        const all = np.sum(np.mul(np.expandDims(rows, -2), np.expandDims(np.matrixTranspose(columns), -3)), { axis: -1 })
        const axes = [...(a.length === 1 ? [-2] : []), ...(b.length === 1 ? [-1] : [])]
        const want = axes.length === 0 ? all : np.squeeze(all, { axis: axes })
        expect(z.shape).toEqual(want.shape)
        const w = elements(want)
        elements(z).forEach((v, i) => expect(v).toBeCloseTo(w[i]!, 10))
      }),
      { numRuns: 300 },
    )
  })

  it("has cotangents of the operands' shapes, whatever was broadcast", () => {
    fc.assert(
      fc.property(operands, ({ a, b }) => {
        const [x, y] = [numbered(a), numbered(b, 4)]
        const f = (p: Tensor, q: Tensor): Tensor => np.sum(np.matmul(p, q))
        expect(grad(f)(x, y).shape).toEqual(a)
        expect(grad(f, { argnums: 1 })(x, y).shape).toEqual(b)
      }),
    )
  })

  it('names the inner dimensions that differ and the way out', () => {
    expect(() => np.matmul(np.ones([32, 784]), np.ones([783, 10]))).toThrow(
      /matmul: inner dimensions differ: 784 \(x axis 1\) and 783 \(w axis 0\)\n {2}x: float32\[32,784\] {3}w: float32\[783,10\]\n {2}try: w of shape \[784, n\]/,
    )
    expect(() => np.matmul(np.ones([2, 3]), np.ones([4, 3]))).toThrow(/np\.transpose\(w\)/)
    expect(() => np.matmul(np.ones([2, 1, 3]), np.ones([3, 3, 1]))).toThrow(
      /batch sizes do not broadcast: 2 \(x axis 0\) and 3 \(w axis 0\)/,
    )
    expect(() => np.matmul(2, np.ones([2]))).toThrow(/scalars are not matrices/)
    expect(() => np.dot(np.ones([2]), np.ones([3]))).toThrow(ShapeError)
    expect(() => np.tensordot(np.ones([2, 3]), np.ones([2, 3]), { axes: 1 })).toThrow(ShapeError)
  })

  it('multiplies integers and booleans', () => {
    const b = np.array([
      [true, false],
      [true, true],
    ])
    expect(np.matmul(b, b).toArray()).toEqual([
      [true, false],
      [true, true],
    ])
    expect(np.matmul(np.arange(2), np.arange(2)).aval).toBe(np.zeros([], { dtype: 'int32' }).aval)
    expect(np.matmul(np.arange(2), np.ones([2], { dtype: 'float64' })).dtype).toBe('float64')
  })

  it('commutes with vmap and jit', () => {
    const [x, y] = [numbered([5, 2, 3]), numbered([5, 3, 4])]
    expect(vmap(np.matmul)(x, y).toArray()).toEqual(np.matmul(x, y).toArray())
    expect(jit(np.matmul)(x, y).toArray()).toEqual(np.matmul(x, y).toArray())
  })
})

describe('other products', () => {
  const [x, y] = [numbered([2, 3]), numbered([4, 3], 5)]

  it('are einsums', () => {
    const same = (a: Tensor, b: Tensor): void => {
      expect(a.shape).toEqual(b.shape)
      const w = elements(b)
      elements(a).forEach((v, i) => expect(v).toBeCloseTo(w[i]!, 10))
    }
    const z = numbered([3, 4, 2], 1)
    same(np.inner(x, y), np.einsum('ik,jk->ij', x, y))
    same(np.outer(x, np.arange(2)), np.einsum('i,j->ij', np.ravel(x), np.arange(2)))
    same(np.vdot(x, x), np.einsum('ij,ij->', x, x))
    same(np.dot(x, np.swapaxes(z, 0, 1)), np.einsum('ij,jkl->ikl', x, z))
    same(np.tensordot(x, z, { axes: [1, 0] }), np.einsum('ij,jkl->ikl', x, z))
    same(
      np.tensordot(x, z, {
        axes: [
          [0, 1],
          [2, 0],
        ],
      }),
      np.einsum('ij,jki->k', x, z),
    )
    same(np.tensordot(x, y, { axes: 0 }), np.einsum('ij,kl->ijkl', x, y))
    same(np.vecdot(x, np.index(y, 0)), np.einsum('ij,j->i', x, np.index(y, 0)))
    same(np.kron(x, y), np.reshape(np.einsum('ij,kl->ikjl', x, y), [8, 9]))
    same(np.trace(np.matmul(y, np.transpose(y))), np.einsum('ij,ij', y, y))
  })

  it('kron takes operands of different rank', () => {
    expect(np.kron(np.array([1, 10]), np.array([1, 2])).toArray()).toEqual([1, 2, 10, 20])
    expect(np.kron(np.ones([2]), np.ones([3, 2])).shape).toEqual([3, 4])
  })

  it('cross is perpendicular to both', () => {
    fc.assert(
      fc.property(fc.nat(60), fc.nat(60), (i, j) => {
        const [a, b] = [numbered([2, 3], i), numbered([3], j)]
        const c = np.cross(a, b)
        expect(elements(np.vecdot(c, a))).toEqual([0, 0])
        expect(elements(np.vecdot(c, b))).toEqual([0, 0])
      }),
    )
    expect(np.cross(np.array([1, 0, 0]), np.array([0, 1, 0])).toArray()).toEqual([0, 0, 1])
    expect(() => np.cross(np.ones([2]), np.ones([2]))).toThrow(ShapeError)
  })
})
