import { describe, expect, it } from 'vitest'
import { np, random } from '../../src/index.js'
import type { Tensor } from '../../src/index.js'
import { expectClose } from '../expectClose.js'

const key = random.key(7)
const list = (t: Tensor): number[] => [...t.toTypedArray()]

const same32 = (t: Tensor, expected: readonly number[]): void => {
  expect(t.dtype).toBe('float32')
  expect(list(t)).toEqual(expected)
}
const near64 = (t: Tensor, expected: readonly number[]): void => {
  expect(t.dtype).toBe('float64')
  expectClose(t, expected, { atol: 4e-15, rtol: 4e-15 })
}

/** All numbers below were drawn by JAX 0.10.2 from the key of seed 7. */
describe('keys', () => {
  it('come from seeds as in JAX, large and negative ones too', () => {
    expect([0, 42, -1, -5, 2 ** 31, 2 ** 32 - 1, 2 ** 32 + 5, 2 ** 40 + 7].map((s) => list(random.key(s)))).toEqual([
      [0, 0],
      [0, 42],
      [0, 4294967295],
      [0, 4294967291],
      [0, 2147483648],
      [0, 4294967295],
      [1, 5],
      [256, 7],
    ])
    expect(list(random.key(np.array(-5, { dtype: 'int32' })))).toEqual([0, 4294967291])
    expect(() => random.key(0.5)).toThrow(/safe integer/)
    expect(() => random.key(2 ** 60)).toThrow(/safe integer/)
  })

  it('split into a list or a tensor of the same keys', () => {
    const keys = random.split(key, [2, 2])
    expect(keys.shape).toEqual([2, 2, 2])
    expect(list(keys)).toEqual([3625411723, 1954958720, 195045567, 4062205631, 966301609, 1948237315, 276534068, 1641862660])
    expect(random.split(key, 4).flatMap(list)).toEqual(list(keys))
    const [a, b] = random.split(key)
    expect([...list(a), ...list(b)]).toEqual(list(keys).slice(0, 4))
  })

  it('fold in numbers and tensors alike', () => {
    expect(list(random.foldIn(key, 123456))).toEqual([2330056907, 3058879149])
    expect(list(random.foldIn(key, np.array(123456, { dtype: 'int32' })))).toEqual([2330056907, 3058879149])
  })

  it('are checked', () => {
    expect(() => random.normal(np.zeros([2]), [3])).toThrow(/DTypeError|first argument must be a key/)
    expect(() => random.bits(random.split(key, [3]), [3])).toThrow(/a key has shape \[2\]/)
    expect(() => random.normal(key, [3], { dtype: 'int32' })).toThrow(/float32 or float64/)
  })
})

describe('draws are JAX’s', () => {
  it('bits', () => {
    expect(list(random.bits(key, [2, 3]))).toEqual([2895194379, 4185947648, 1300703658, 1906787632, 3139134342, 2709822315])
    expect(list(random.bits(key))).toEqual([2895194379])
  })

  it('uniform, to the bit', () => {
    expect(list(random.uniform(key, 4, { minval: -0.3, maxval: 1.7 }))).toEqual([
      1.0481798648834229, 1.6492338180541992, 0.3056871294975281, 0.5879170298576355,
    ])
    expect(list(random.uniform(key, 4, { dtype: 'float64' }))).toEqual([
      0.8441069450823528, 0.04541258512665647, 0.22498462569285382, 0.06438560513366842,
    ])
    expect(list(random.uniform(key, 3, { dtype: 'float64', minval: -2, maxval: 5 }))).toEqual([
      3.90874861557647, -1.6821119041134047, -0.42510762015002324,
    ])
  })

  it('normal', () => {
    same32(
      random.normal(key, [6]),
      [0.4512351453304291, 1.9534509181976318, -0.5162394642829895, -0.14094029366970062, 0.6154966950416565, 0.3343164920806885],
    )
    near64(
      random.normal(key, [5], { dtype: 'float64' }),
      [1.0114813355590866, -1.6910609087906374, -0.7554662899926428, -1.5189653807511148, -2.2590883418712715],
    )
  })

  it('exponential, gumbel, truncated normal', () => {
    same32(random.exponential(key, [3]), [1.121133804321289, 3.673671007156372, 0.36074545979499817])
    near64(random.exponential(key, [3], { dtype: 'float64' }), [1.8585850522259963, 0.04647605816229587, 0.2548724120098844])
    near64(random.gumbel(key, [3], { dtype: 'float64' }), [1.7750434817033711, -1.12880713678253, -0.3999319680607421])
    near64(
      random.truncatedNormal(key, -2, 1, [4], { dtype: 'float64' }),
      [0.564319168886206, -1.55540661741428, -0.8171500744856732, -1.4363186726617168],
    )
  })

  it('bernoulli', () => {
    expect(random.bernoulli(key, np.array([0.1, 0.5, 0.9])).toArray()).toEqual([false, false, true])
  })

  it('randint: small, negative, whole and unsigned ranges, tensors as bounds', () => {
    expect(list(random.randint(key, [5], -50, 50))).toEqual([49, -28, -50, -13, -28])
    expect(list(random.randint(key, [4], -(2 ** 31), 2 ** 31))).toEqual([752193311, 1400917350, -455323268, -325042195])
    expect(list(random.randint(key, [4], 0, 2 ** 32, { dtype: 'uint32' }))).toEqual([2899676959, 3548400998, 1692160380, 1822441453])
    expect(list(random.randint(key, [4], 0, 3e9, { dtype: 'uint32' }))).toEqual([2899676959, 548400998, 1692160380, 1822441453])
    const [low, high] = [np.array([0, 10, -5, 7], { dtype: 'int32' }), np.array([100, 20, 5, 7], { dtype: 'int32' })]
    expect(list(random.randint(key, [4], low, high))).toEqual([99, 12, -5, 7])
  })

  it('permutation: of a range in one and in two rounds, of slices, of lines', () => {
    expect(list(random.permutation(key, 300)).slice(0, 8)).toEqual([45, 252, 53, 119, 183, 212, 10, 134])
    expect(list(random.permutation(key, 2000)).reduce((sum, v, i) => sum + v * i, 0)).toBe(2002817389)
    const x = np.reshape(np.arange(12, { dtype: 'int32' }), [3, 4])
    expect(random.permutation(key, x).toArray()).toEqual([
      [8, 9, 10, 11],
      [0, 1, 2, 3],
      [4, 5, 6, 7],
    ])
    expect(random.shuffle(key, x, 1).toArray()).toEqual([
      [2, 3, 0, 1],
      [6, 7, 4, 5],
      [10, 11, 8, 9],
    ])
    expect(random.permutation(key, x, { axis: 1, independent: true }).toArray()).toEqual([
      [2, 3, 0, 1],
      [4, 5, 7, 6],
      [10, 9, 11, 8],
    ])
  })

  it('categorical, with and without replacement', () => {
    const logits = np.log(
      np.array([
        [0.1, 0.2, 0.7],
        [0.5, 0.4, 0.1],
      ]),
    )
    expect(random.categorical(key, logits).toArray()).toEqual([1, 1])
    expect(random.categorical(key, logits, { axis: 0, shape: [4, 3] }).toArray()).toEqual([
      [1, 0, 0],
      [1, 1, 1],
      [1, 1, 0],
      [1, 0, 0],
    ])
    expect(random.categorical(key, logits, { shape: [2, 2], replace: false }).toArray()).toEqual([
      [1, 1],
      [2, 0],
    ])
    expect(() => random.categorical(key, logits, { shape: [3] })).toThrow(/must end in \[2\]/)
    expect(() => random.categorical(key, logits, { shape: [4, 2], replace: false })).toThrow(/4 draws without replacement/)
  })

  it('choice', () => {
    const p = np.array([0.1, 0.2, 0.3, 0.4])
    expect(list(random.choice(key, 10, [5]))).toEqual([9, 2, 0, 7, 2])
    expect(list(random.choice(key, 10, [5], { replace: false }))).toEqual([9, 4, 2, 3, 5])
    expect(list(random.choice(key, 4, [8], { p }))).toEqual([2, 0, 3, 2, 1, 2, 2, 2])
    expect(list(random.choice(key, 4, [3], { p, replace: false }))).toEqual([1, 3, 0])
    const x = np.reshape(np.arange(12, { dtype: 'int32' }), [3, 4])
    expect(random.choice(key, x, [2], { axis: 1 }).toArray()).toEqual([
      [3, 2],
      [7, 6],
      [11, 10],
    ])
    expect(() => random.choice(key, 3, [4], { replace: false })).toThrow(/4 draws without replacement from 3/)
  })
})
