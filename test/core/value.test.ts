/** A tensor is a value: nothing reaches its elements through a field, testing libraries compare it by what it holds, it travels as data. */
import assert from 'node:assert'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { configure, device, grad, jit, np, type Tensor } from '../../src/index.js'

/** Results of 4 KiB and of 64 KiB: on the host, and in the memory of the backend. */
const sizes = [3, 1024, 16_384]
const iota = (n: number): Tensor => np.add(np.arange(n), 0.5)

describe('equality by value', () => {
  const testers: Readonly<Record<string, (a: unknown, b: unknown) => void>> = {
    toEqual: (a, b) => {
      expect(a).toEqual(b)
    },
    toStrictEqual: (a, b) => {
      expect(a).toStrictEqual(b)
    },
    'chai deep equal': (a, b) => {
      expect(a).to.eql(b)
    },
    'assert.deepStrictEqual': (a, b) => {
      assert.deepStrictEqual(a, b)
    },
    'assert.deepEqual': (a, b) => {
      assert.deepEqual(a, b)
    },
  }
  describe.each(Object.entries(testers))('%s', (_, same) => {
    const differ = (a: unknown, b: unknown): void => {
      expect(() => {
        same(a, b)
      }).toThrow()
    }
    it.each(sizes)('of %i elements', (n) => {
      same(iota(n), iota(n))
      same({ deep: [iota(n)] }, { deep: [iota(n)] })
      same(iota(n), np.array(iota(n).toTypedArray())) // wherever they live
      same(jit((_: Tensor) => iota(n))(np.zeros([])), iota(n))
      differ(iota(n), np.at(iota(n), [n - 1]).add(0.25))
      differ({ deep: [iota(n)] }, { deep: [np.add(iota(n), 1)] })
    })
    it('of another shape, dtype or kind', () => {
      differ(np.zeros([2, 3]), np.zeros([3, 2]))
      differ(np.zeros([2]), np.zeros([2], { dtype: 'float64' }))
      differ(np.zeros([2], { dtype: 'int32' }), np.zeros([2], { dtype: 'uint32' }))
      differ(np.zeros([0, 2]), np.zeros([0, 3]))
      differ(np.zeros([2]), [0, 0])
      differ(np.zeros([2]), {})
      same(np.mul(2, 3), np.array(6)) // weak or not
      if (same !== testers['assert.deepEqual']) same(np.array([NaN]), np.array([NaN])) // which compares with ==
    })
    it('of a traced value neither passes nor fails in silence', () => {
      let looked = 0
      jit((x: Tensor) => {
        for (const other of [np.array([1, 2]), np.mul(x, 2)])
          expect(() => {
            same(np.add(x, 1), other)
          }).toThrow()
        looked++
        return x
      })(np.array([1, 2]))
      expect(looked).toBe(1)
    })
  })
  it('names the reason for a traced value', () => {
    grad((x: Tensor) => {
      expect(() => {
        expect(x).not.toEqual(np.array(1))
      }).toThrow(/a tensor that a transform traces has no elements to compare/)
      return x
    })(np.array(1))
  })
  it('holds across backends', () => {
    const before = device()
    const x = iota(16_384)
    configure({ backend: 'reference' })
    const y = iota(16_384)
    configure({ backend: before })
    expect(x).toEqual(y)
    expect(x).not.toEqual(np.neg(y))
  })
  it('a donated tensor equals none that is not', () => {
    const x = np.array([1, 2])
    jit((t: Tensor) => np.add(t, 1), { donate: [0] })(x)
    expect(x).not.toEqual(np.array([1, 2]))
  })
})

describe('fields', () => {
  const write = (change: (t: Record<string, unknown> & Tensor) => unknown): void => {
    for (const n of sizes) {
      const t = iota(n)
      expect(() => change(t as Record<string, unknown> & Tensor)).toThrow()
      expect(t.shape).toEqual([n])
      expect(t.dtype).toBe('float32')
      expect(np.sum(t)).toEqual(np.sum(iota(n)))
    }
  }
  it('elements and shape cannot be written', () => {
    write((t) => ((t['data'] as number[])[0] = 42))
    write((t) => ((t as { data: unknown }).data = null))
    write((t) => ((t as { aval: unknown }).aval = np.zeros([2]).aval))
    write((t) => ((t as { shape: unknown }).shape = [9]))
    write((t) => ((t.shape as number[])[0] = 9))
    write((t) => (t.shape as number[]).push(9))
    write((t) => ((t.aval as { dtype: string }).dtype = 'int32'))
    write((t) => ((t as { dtype: unknown }).dtype = 'int32'))
    write((t) => ((t as unknown as { memory: unknown }).memory = {}))
    write((t) => ((t as unknown as { owner: unknown }).owner = {}))
  })
  it('what enumerates fields and writes them changes nothing', () => {
    for (const n of sizes) {
      const t = iota(n)
      for (const key of Object.keys(t)) Reflect.set(t, key, null)
      expect(np.sum(t)).toEqual(np.sum(iota(n)))
      expect(t.toArray()).toEqual(iota(n).toArray())
    }
  })
  it('says where the elements are', () => {
    expect(() => (np.zeros([2]) as unknown as { data: unknown }).data).toThrow(/x\.toTypedArray\(\)/)
  })
})

describe('data that travels', () => {
  const kinds: readonly Tensor[] = [
    ...sizes.map(iota),
    np.array([[true, false]]),
    np.array([3_000_000_000], { dtype: 'uint32' }),
    np.zeros([0, 3], { dtype: 'int32' }),
    np.array([NaN, -0, Infinity], { dtype: 'float64' }),
    np.mul(2, 3),
  ]
  it('there and back', () => {
    for (const x of kinds) {
      const y = np.fromTransferable(structuredClone(x.toTransferable()))
      expect(y).toEqual(x)
      expect(y.aval).toBe(x.aval)
    }
  })
  it('may be transferred', () => {
    const { data, ...rest } = iota(5).toTransferable()
    const sent = structuredClone({ ...rest, data }, { transfer: [data.buffer] })
    expect(data.length).toBe(0)
    expect(np.fromTransferable(sent)).toEqual(iota(5))
    expect(() => np.fromTransferable({ ...rest, data })).toThrow(/float32\[5\] has 5 elements, data has 0/)
  })
  it('is a copy', () => {
    const x = iota(4)
    const sent = x.toTransferable()
    const y = np.fromTransferable(sent)
    sent.data.fill(9)
    expect(x).toEqual(iota(4))
    expect(y).toEqual(iota(4))
  })
  it('a tensor itself is refused, with the way out', () => {
    for (const x of kinds) {
      expect(() => structuredClone(x)).toThrow(/toTransferable.*np\.fromTransferable/)
      expect(() => structuredClone({ deep: [x] })).toThrow(/toTransferable/)
    }
  })
  it.each([
    [null, /not what toTransferable gives/],
    [undefined, /not what toTransferable gives/],
    ['x', /not what toTransferable gives/],
    [{}, /not what toTransferable gives/],
    [{ dtype: 'float32', shape: [2], data: [1, 2] }, /not what toTransferable gives/],
    [{ dtype: 'float16', shape: [2], data: new Float32Array(2) }, /dtype must be the name of a dtype, got the string 'float16'/],
    [{ dtype: 'float32', shape: [2], data: new Float64Array(2) }, /are a Float32Array, not a Float64Array/],
    [{ dtype: 'float32', shape: [3], data: new Float32Array(2) }, /has 3 elements, data has 2/],
    [{ dtype: 'float32', shape: [0.5], data: new Float32Array(2) }, /fromTransferable/],
  ])('%j is refused', (sent, message) => {
    expect(() => np.fromTransferable(sent as never)).toThrow(message)
  })
})

describe('typed arrays', () => {
  it('of another realm are known', () => {
    for (const kind of ['Float32Array', 'Float64Array', 'Int8Array', 'Uint32Array']) {
      const here = np.array(new (globalThis as unknown as Record<string, Float32ArrayConstructor>)[kind]!([1, 2]))
      expect(np.array(runInNewContext(`new ${kind}([1, 2])`) as Float32Array)).toEqual(here)
    }
    expect(np.take(np.array([5, 6]), runInNewContext('new Float32Array([1])') as Float32Array)).toEqual(np.array([6]))
    expect(() => np.take(np.array([5, 6]), runInNewContext('new Float32Array([0.5])') as Float32Array)).toThrow(/fractions/)
  })
  it('without a counterpart are named', () => {
    expect(() => np.array(new BigInt64Array(1))).toThrow(/a BigInt64Array has no counterpart/)
    expect(() => np.array(new DataView(new ArrayBuffer(4)))).toThrow(/a DataView has no counterpart/)
  })
  const { Float16Array: Half } = globalThis as unknown as { Float16Array?: Float32ArrayConstructor }
  // Node 24 has them: `npm run test:nodes` runs this file there
  it.skipIf(Half === undefined)('of half precision become float32', () => {
    const half = (xs: readonly number[]): Float32Array => new Half!(xs)
    expect(np.array(half([1.5, -0, NaN, 65504, 2 ** -24]))).toEqual(np.array([1.5, -0, NaN, 65504, 2 ** -24]))
    expect(np.asarray([half([1, 2]), half([3, 4])])).toEqual(np.array([[1, 2], [3, 4]])) // prettier-ignore
    expect(np.array(half([1.5, 2]), { dtype: 'float64' })).toEqual(np.array([1.5, 2], { dtype: 'float64' }))
    expect(np.array(half([1, 2]), { dtype: 'int32' })).toEqual(np.array([1, 2], { dtype: 'int32' }))
    expect(np.take(np.array([5, 6]), half([1]))).toEqual(np.array([6]))
    expect(() => np.take(np.array([5, 6]), half([0.5]))).toThrow(/fractions/)
    expect(() => np.array(half([NaN]), { dtype: 'int32' })).toThrow(/NaN is no int32/)
    // one buffer's bytes are never taken for another's
    expect(() => np.fromTransferable({ dtype: 'float32', shape: [1], data: half([1]) } as never)).toThrow(/not a Float16Array/)
    expect(() => np.add(np.array([1]), half([1]) as never)).toThrow(/got a Float16Array/)
  })
  it('of half precision are there from Node 24 on', () => {
    expect(Half !== undefined).toBe(Number(process.versions.node.split('.')[0]) >= 24)
  })
})
