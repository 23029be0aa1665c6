import fc from 'fast-check'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { DTypeError, ShapeError, ValueError, grad, jit, np, vmap } from '../../src/index.js'
import { element, elements, modelOf, numbered, places, shapes } from './nested.js'

/** NumPy's rule, one axis at a time from the last: `null` when sizes clash. */
const naiveBroadcast = (a: readonly number[], b: readonly number[]): readonly number[] | null => {
  const out: number[] = []
  for (let k = 1; k <= Math.max(a.length, b.length); k++) {
    const [p, q] = [a[a.length - k] ?? 1, b[b.length - k] ?? 1]
    if (p !== q && p !== 1 && q !== 1) return null
    out.unshift(p === 1 ? q : p)
  }
  return out
}

/** The index into an operand of `shape` for the index `at` into the result. */
const project = (shape: readonly number[], at: readonly number[]): readonly number[] =>
  shape.map((n, k) => (n === 1 ? 0 : at[at.length - shape.length + k]!))

describe('broadcasting', () => {
  it('agrees with the rule written out, for every pair of shapes', () => {
    const stretchable = fc.array(fc.constantFrom(0, 1, 1, 2, 3), { maxLength: 4 })
    fc.assert(
      fc.property(stretchable, stretchable, (a, b) => {
        const [x, y] = [numbered(a), numbered(b, 5)]
        const shape = naiveBroadcast(a, b)
        if (shape === null) {
          expect(() => np.sub(x, y)).toThrow(ShapeError)
          return
        }
        const z = np.sub(x, y)
        expect(z.shape).toEqual(shape)
        const [mx, my] = [modelOf(x), modelOf(y)]
        expect(elements(z)).toEqual(places(shape).map((at) => element(mx, project(a, at)) - element(my, project(b, at))))
      }),
      { numRuns: 300 },
    )
  })

  it('sums cotangents over what was stretched', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(1, 2, 3), { maxLength: 3 }),
        fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
        (shape, ones) => {
          const small = shape.map((n, k) => (ones[k] === true ? 1 : n))
          const [x, y] = [numbered(small), numbered(shape, 3)]
          const g = grad((v: typeof x) => np.sum(np.mul(v, y)))(x)
          expect(g.shape).toEqual(small)
          expect(elements(g)).toEqual(elements(np.sumTo(y, small)))
        },
      ),
    )
  })

  it('names the two axes that clash', () => {
    expect(() => np.add(np.ones([2, 3]), np.ones([2, 4]))).toThrow('add: sizes do not broadcast: 3 (x axis 1) and 4 (y axis 1)')
    expect(() => np.add(np.ones([5, 3]), np.ones([4, 1]))).toThrow('5 (x axis 0) and 4 (y axis 0)')
    expect(() => np.where(np.ones([2]), np.ones([3]), 0)).toThrow('where: sizes do not broadcast: 2 (condition axis 0) and 3 (x axis 0)')
  })
})

describe('promotion', () => {
  const dtypeOf = (x: { readonly dtype: string }): string => x.dtype
  const of = (dtype: 'bool' | 'int32' | 'uint32' | 'float32' | 'float64') => np.ones([2], { dtype })

  it('follows the lattice, whatever the order', () => {
    const pairs = [
      ['bool', 'int32', 'int32'],
      ['bool', 'float32', 'float32'],
      ['int32', 'uint32', 'int32'],
      ['int32', 'float32', 'float32'],
      ['float32', 'float64', 'float64'],
      ['uint32', 'float64', 'float64'],
    ] as const
    for (const [a, b, out] of pairs) {
      expect(dtypeOf(np.mul(of(a), of(b)))).toBe(out)
      expect(dtypeOf(np.mul(of(b), of(a)))).toBe(out)
    }
  })

  it('lets numbers take the dtype of the tensor they meet', () => {
    expect(dtypeOf(np.add(of('float64'), 0.1))).toBe('float64')
    expect(elements(np.add(np.zeros(1, { dtype: 'float64' }), 0.1))).toEqual([0.1])
    expect(dtypeOf(np.add(of('float32'), 2))).toBe('float32')
    expect(dtypeOf(np.add(of('int32'), 2))).toBe('int32')
    expect(dtypeOf(np.add(of('uint32'), 2))).toBe('uint32')
    expect(dtypeOf(np.add(of('int32'), 0.5))).toBe('float32')
    expect(dtypeOf(np.add(of('bool'), 2))).toBe('float32')
    expect(dtypeOf(np.add(of('int32'), true))).toBe('int32')
    expect(dtypeOf(np.add(1, 2))).toBe('float32')
  })

  it('keeps numbers weak through arithmetic among themselves', () => {
    expect(dtypeOf(np.mul(np.add(1, 2), of('float64')))).toBe('float64')
    expect(dtypeOf(np.mul(np.array(3), of('float64')))).toBe('float64')
    expect(np.add(1, 2).aval.weak).toBe(true)
    expect(np.array(3).aval.weak).toBe(false)
  })

  it('makes floats where the result cannot be whole', () => {
    expect(dtypeOf(np.div(of('int32'), of('int32')))).toBe('float32')
    expect(dtypeOf(np.sqrt(of('int32')))).toBe('float32')
    expect(dtypeOf(np.exp(of('bool')))).toBe('float32')
    expect(dtypeOf(np.arctan2(of('int32'), of('float64')))).toBe('float64')
    expect(dtypeOf(np.floor(of('int32')))).toBe('int32')
  })

  it('treats sums and products of booleans as logic, and refuses their difference', () => {
    expect(np.add(np.array([true, false]), true).toArray()).toEqual([true, true])
    expect(np.mul(np.array([true, false]), true).toArray()).toEqual([true, false])
    expect(() => np.sub(of('bool'), of('bool'))).toThrow(DTypeError)
    expect(() => np.neg(of('bool'))).toThrow(DTypeError)
  })

  it('refuses what is neither tensor, number nor boolean, and says what to do', () => {
    // @ts-expect-error -- nested lists are for np.array
    expect(() => np.add([1, 2], 1)).toThrow(/x must be a tensor[^]*np\.array/)
    // @ts-expect-error -- neither
    expect(() => np.exp('1')).toThrow(ValueError)
    // @ts-expect-error -- neither
    expect(() => np.sum(null)).toThrow('got null')
  })
})

describe('dual functions', () => {
  const x = np.array([5, 7])

  it('give the same data first and data last', () => {
    expect(np.sub(x, 2).toArray()).toEqual([3, 5])
    expect(np.sub(2)(x).toArray()).toEqual([3, 5])
    expect(pipe(x, np.sub(2), np.mul(10)).toArray()).toEqual([30, 50])
    expect(pipe(x, np.clip(6, null)).toArray()).toEqual([6, 7])
    expect(pipe(np.arange(4), np.reshape([2, -1])).toArray()).toEqual([
      [0, 1],
      [2, 3],
    ])
  })

  it('go through transforms without wrapping', () => {
    expect(vmap(np.add)(np.ones([3]), np.ones([3])).shape).toEqual([3])
    expect(grad(np.tanh)(0).item()).toBe(1)
    expect(jit(np.mul)(x, x).toArray()).toEqual([25, 49])
    expect(grad(np.mul, { argnums: 1 })(np.array(2), np.array(3)).item()).toBe(2)
  })

  it('take a missing second argument for data last, and undefined for a mistake', () => {
    // @ts-expect-error -- undefined is not a tensor
    expect(() => np.add(x, undefined)).toThrow(ValueError)
  })
})

it('broadcasts empty shapes', () => {
  fc.assert(
    fc.property(shapes(3), (shape) => {
      expect(np.add(numbered(shape), 1).shape).toEqual(shape)
      expect(np.broadcastTo(1, shape).shape).toEqual(shape)
    }),
  )
})
