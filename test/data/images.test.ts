import * as fc from 'fast-check'
import { flow } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { data, grad, jit, np, random } from '../../src/index.js'
import { checkGrads, laws } from '../../laws/index.js'

const numbers = (x: Tensor): number[] => [...x.toTypedArray()]
const near = (values: readonly number[], digits = 10): number[] => values.map((v) => expect.closeTo(v, digits) as number)
const f64 = (values: readonly number[], shape: readonly number[]): Tensor => np.reshape(np.array(values, { dtype: 'float64' }), shape)
/** 5 x 7 pixels, `k^2 mod 17`. */
const pattern = f64(
  Array.from({ length: 35 }, (_, k) => k ** 2 % 17),
  [1, 1, 5, 7],
)

describe('resize', () => {
  // Values of torch.nn.functional.interpolate 2.13 in float64: bilinear with align_corners=False, and nearest-exact.
  const cases = {
    'smaller, antialiased': [
      [3, 4],
      {},
      [
        6.374149659864, 8.554285714286, 10.04, 8.095238095238, 9.365079365079, 5.266666666667, 5.266666666667, 9.365079365079,
        8.095238095238, 10.04, 8.554285714286, 6.374149659864,
      ],
    ],
    smaller: [
      [3, 4],
      { antialias: false },
      [5, 7.5, 11.291666666667, 7.166666666667, 7.125, 0.875, 0.875, 7.125, 7.166666666667, 11.291666666667, 7.5, 5],
    ],
    'lower and wider': [
      [2, 9],
      {},
      [
        8.909090909091, 7.575757575758, 6.909090909091, 7.525252525253, 9.681818181818, 7.383838383838, 7.055555555556, 8.181818181818,
        9.909090909091, 9.909090909091, 8.181818181818, 7.055555555556, 7.383838383838, 9.681818181818, 7.525252525253, 6.909090909091,
        7.575757575758, 8.909090909091,
      ],
    ],
    nearest: [[2, 9], { method: 'nearest' }, [15, 13, 13, 13, 15, 2, 8, 8, 16, 16, 8, 8, 2, 15, 13, 13, 13, 15]],
    'nearest, smaller': [[3, 4], { method: 'nearest' }, [0, 4, 16, 2, 9, 1, 1, 9, 2, 16, 4, 0]],
  } as const
  for (const [name, [size, options, expected]] of Object.entries(cases))
    it(name, () => {
      const y = data.resize(size, options)(pattern)
      expect(y.shape).toEqual([1, 1, ...size])
      expect(numbers(y)).toEqual(near(expected))
      expect(numbers(jit(data.resize(size, options))(pattern))).toEqual(near(expected))
    })

  it('keeps images of the same size, constants, and the dtype where it can', () => {
    expect(numbers(data.resize([5, 7])(pattern))).toEqual(numbers(pattern))
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), fc.boolean(), (from, to, antialias) => {
        const y = data.resize(to, { antialias })(np.full([2, from, from], 0.75, { dtype: 'float64' }))
        expect(numbers(y)).toEqual(near(Array.from({ length: 2 * to * to }, () => 0.75)))
      }),
      { numRuns: 40 },
    )
    const ints = np.array([[1, 2]], { dtype: 'int32' })
    expect([data.resize(2, { method: 'nearest' })(ints).dtype, data.resize(2)(ints).dtype]).toEqual(['int32', 'float32'])
  })

  it('can be differentiated twice', () => {
    checkGrads((x: Tensor) => np.square(data.resize([2, 3])(x)), [f64([0.5, -1, 2, 0.25, 1, -0.5, 0.75, 1.5], [1, 2, 4])], { order: 2 })
  })

  it('says what is wrong', () => {
    expect(() => data.resize(0)).toThrow(/resize: size must be a whole number from 1, or \[height, width\] of them, got 0/)
    expect(() => data.resize(2)(np.ones([3]))).toThrow(/an image has at least a height and a width/)
    expect(() => data.resize(2)(np.ones([0, 3]))).toThrow(/an empty image/)
    expect(() => data.resize(2, { method: 'cubic' as 'nearest' })).toThrow(
      /method must be one of 'bilinear', 'nearest', got the string 'cubic'/,
    )
  })
})

describe('crops and borders', () => {
  const image = np.reshape(np.arange(24, { dtype: 'int32' }), [1, 4, 6])
  it('take the part they name', () => {
    expect(data.crop({ top: 1, left: 2, height: 2, width: 3 })(image).toArray()).toEqual([
      [
        [8, 9, 10],
        [14, 15, 16],
      ],
    ])
    expect(data.centerCrop([2, 2])(image).toArray()).toEqual([
      [
        [8, 9],
        [14, 15],
      ],
    ])
    expect(
      data
        .centerCrop([1, 1])(np.reshape(image, [6, 4]))
        .toArray(),
    ).toEqual([[9]])
  })
  it('random parts are parts, reach every place, and are those of their key', () => {
    const tops = new Set<string>()
    for (let seed = 0; seed < 60; seed++) {
      const part = data.randomCrop(random.key(seed), [3, 4])(image)
      const first = numbers(part)[0]!
      const [top, left] = [Math.floor(first / 6), first % 6]
      tops.add(`${top},${left}`)
      expect(numbers(part)).toEqual(numbers(data.crop({ top, left, height: 3, width: 4 })(image)))
    }
    expect(tops.size).toBe(2 * 3)
    const compiled = jit((key: Tensor, x: Tensor) => data.randomCrop(key, [3, 4])(x))
    expect(numbers(compiled(random.key(7), image))).toEqual(numbers(data.randomCrop(random.key(7), [3, 4])(image)))
  })
  it('a border can be cropped away again', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 }), (vertical, horizontal) => {
        const wide = data.padImages([vertical, horizontal], 9)(image)
        expect(wide.shape).toEqual([1, 4 + 2 * vertical, 6 + 2 * horizontal])
        expect(numbers(data.centerCrop([4, 6])(wide))).toEqual(numbers(image))
        expect(numbers(wide).filter((v) => v === 9).length).toBe(wide.size - 24 + 1)
      }),
      { numRuns: 10 },
    )
  })
  it('say what does not fit', () => {
    expect(() => data.crop({ top: 3, left: 0, height: 2, width: 1 })(image)).toThrow(
      /rows 3 to 5 and columns 0 to 1 leave an image of 4 x 6/,
    )
    expect(() => data.crop({ top: -1, left: 0, height: 2, width: 1 })).toThrow(/crop: top must be a whole number from 0, got -1/)
    expect(() => data.centerCrop(5)(image)).toThrow(/a part of 5 x 5 does not fit into an image of 4 x 6/)
    expect(() => data.randomCrop(random.key(0), [1, 7])(image)).toThrow(/a part of 1 x 7 does not fit/)
    expect(() => data.padImages(-1)).toThrow(/border must be a whole number from 0, .*, got -1/)
  })
})

describe('flips and chance', () => {
  it('twice is nothing', () => {
    for (const f of [data.flipHorizontal, data.flipVertical]) {
      expect(numbers(flow(f, f)(pattern))).toEqual(numbers(pattern))
      expect(numbers(f(pattern))).not.toEqual(numbers(pattern))
      expect(() => f(np.ones([3]))).toThrow(/a height and a width/)
    }
  })
  it('perExample tosses for each image; the same key, the same images', () => {
    const images = np.broadcastTo(np.array([[[1, 2]]]), [200, 1, 1, 2])
    const flipped = data.perExample((key) => data.randomly(key, data.flipHorizontal, 0.25))
    const first = numbers(np.index(flipped(random.key(3))(images), ':', 0, 0, 0))
    const turned = first.filter((v) => v === 2).length
    expect([turned > 30, turned < 70]).toEqual([true, true])
    expect(numbers(np.index(flipped(random.key(3))(images), ':', 0, 0, 0))).toEqual(first)
    expect(numbers(np.index(jit((k: Tensor, x: Tensor) => flipped(k)(x))(random.key(3), images), ':', 0, 0, 0))).toEqual(first)
  })
  it('one key for all: all or none', () => {
    const images = np.broadcastTo(np.array([[1, 2]]), [5, 1, 2])
    const firsts = Array.from(
      { length: 20 },
      (_, seed) => new Set(numbers(data.randomly(random.key(seed), data.flipHorizontal)(images)).filter((_v, i) => i % 2 === 0)),
    )
    expect(firsts.every((s) => s.size === 1)).toBe(true)
    expect(new Set(firsts.flatMap((s) => [...s])).size).toBe(2)
  })
})

describe('colours', () => {
  const red = f64([1, 0, 0], [3, 1, 1])
  const half = f64([0.2, 0.4, 0.6, 0.8, 0.1, 0.3], [3, 1, 2])
  it('grey is the luma of ITU-R 601', () => {
    expect(numbers(data.toGray(red))).toEqual(near([0.299]))
    expect(numbers(data.toGray(half))).toEqual(near([0.299 * 0.2 + 0.587 * 0.6 + 0.114 * 0.1, 0.299 * 0.4 + 0.587 * 0.8 + 0.114 * 0.3]))
    expect(numbers(data.toGray(np.stack([red, red])))).toEqual(near([0.299, 0.299]))
  })
  it('factors 0 and 1', () => {
    const grey = numbers(data.toGray(half))
    const mean = (grey[0]! + grey[1]!) / 2
    for (const f of [data.adjustBrightness, data.adjustContrast, data.adjustSaturation])
      expect(numbers(f(1)(half))).toEqual(near(numbers(half)))
    expect(numbers(data.adjustBrightness(0)(half))).toEqual([0, 0, 0, 0, 0, 0])
    expect(numbers(data.adjustContrast(0)(half))).toEqual(near(Array.from({ length: 6 }, () => mean)))
    expect(numbers(data.adjustSaturation(0)(half))).toEqual(near([...grey, ...grey, ...grey]))
    expect(numbers(data.adjustBrightness(2)(half))).toEqual(near([0.4, 0.8, 1, 1, 0.2, 0.6]))
  })
  it('contrast is of each image alone', () => {
    const [one, both] = [data.adjustContrast(2)(half), data.adjustContrast(2)(np.stack([np.mul(half, 0.5), half]))]
    expect(numbers(np.index(both, 1))).toEqual(near(numbers(one)))
  })
  it('jitter stays within its amounts and is that of its key', () => {
    const jitter = (seed: number) => data.colourJitter(random.key(seed), { brightness: 0.25 })(np.full([3, 1, 1], 0.5))
    for (let seed = 0; seed < 20; seed++) {
      expect(Math.abs(numbers(jitter(seed))[0]! - 0.5)).toBeLessThanOrEqual(0.125)
      expect(numbers(jitter(seed))).toEqual(numbers(jitter(seed)))
    }
    expect(new Set(Array.from({ length: 20 }, (_, s) => numbers(jitter(s))[0])).size).toBe(20)
    const all = (key: Tensor, x: Tensor) => data.colourJitter(key, { brightness: 0.5, contrast: 0.5, saturation: 0.5 })(x)
    expect(numbers(jit(all)(random.key(1), half))).toEqual(near(numbers(all(random.key(1), half)), 6))
    expect(numbers(grad((x: Tensor) => np.sum(all(random.key(1), x)))(half)).every(Number.isFinite)).toBe(true)
  })
  it('orders of colours and axes', () => {
    expect(numbers(data.swapRedBlue(half))).toEqual([0.1, 0.3, 0.6, 0.8, 0.2, 0.4])
    expect(data.toChannelsFirst(np.zeros([2, 4, 5, 3])).shape).toEqual([2, 3, 4, 5])
    expect(numbers(flow(data.toChannelsLast, data.toChannelsFirst)(half))).toEqual(numbers(half))
  })
  it('say what is wrong', () => {
    expect(() => data.toGray(np.ones([4, 4, 3]))).toThrow(/toGray: needs three colours on the axis before height and width/)
    expect(() => data.swapRedBlue(np.ones([3]))).toThrow(/three colours/)
    expect(() => data.colourJitter(random.key(0), { contrast: 2 })).toThrow(/contrast must be a number from 0 to 1, got 2/)
  })
})

describe('transforms of a data set', () => {
  it('augmented rows are still rows', () => {
    const images = data.fromColumns({ x: np.reshape(np.arange(5 * 3 * 6 * 6, { dtype: 'float64' }), [5, 3, 6, 6]) })
    laws.dataset(
      data.map(images, ({ x }) => ({
        x: flow(data.normalise({ std: 540 }), data.resize(4), data.centerCrop(3), data.flipHorizontal, data.toGray)(x),
      })),
      { numRuns: 10, seed: 1 },
    )
  })
})
