import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../../src/index.js'
import { evalShape, grad, models, nn, np, random, shapeDtype, tree } from '../../../src/index.js'
import { thrown } from '../../errors/thrown.js'

const key = random.key(0)

describe('parameters', () => {
  /** The published counts of torchvision's models of the same names (SqueezeNet 1.1); LeNet-5 by hand: 156 + 2416 + 48120 + 10164 + 850. */
  const counts = {
    vgg16: 138_357_544,
    resNet18: 11_689_512,
    resNet34: 21_797_672,
    resNet50: 25_557_032,
    resNet101: 44_549_160,
    resNet152: 60_192_808,
    squeezeNet: 1_235_496,
    leNet: 61_706,
  } as const
  it.each(Object.entries(counts) as [keyof typeof counts, number][])('%s', (name, count) => {
    expect(models.countParameters(models[name]())).toBe(count)
  })
  it('are counted without allocating', () => {
    const before = process.memoryUsage().arrayBuffers
    models.countParameters(models.vgg16())
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10e6)
  })
  it('are those of DeZero in its variant: 64 more', () => {
    expect(models.countParameters(models.resNet50({ variant: 'dezero' }))).toBe(25_557_096)
    expect(models.countParameters(models.resNet152({ variant: 'dezero' }))).toBe(60_192_872)
  })
  it('of a model of unknown input size need the input shape', () => {
    expect(models.countParameters(nn.dense(3), [2, 5])).toBe(18)
  })
})

describe('shapes', () => {
  type Model = ReturnType<typeof models.resNet18>
  const outputs = (model: Model, shape: readonly number[]): readonly number[] =>
    evalShape(
      (k: Tensor, s: unknown, x: Tensor) => model.apply(model.init(k), { state: s as never })(x),
      shapeDtype([2], 'uint32'),
      model.initState() as never,
      shapeDtype(shape),
    ).shape
  it.each(['resNet18', 'resNet34', 'resNet50', 'resNet101', 'resNet152', 'vgg16', 'squeezeNet'] as const)('%s', (name) => {
    expect(outputs(models[name]({ classes: 7 }), [2, 3, 224, 224])).toEqual([2, 7])
  })
  it('every residual network sees 7 x 7 places before the mean', () => {
    const model = models.resNet50()
    const seen: string[] = []
    evalShape(
      (k: Tensor, s: unknown, x: Tensor) =>
        model.apply(model.init(k), {
          state: s as never,
          tap: (y, at) => {
            if (/^stage/.test(at.name)) seen.push(`${at.name} ${y.shape.join('x')}`)
            return y
          },
        })(x),
      shapeDtype([2], 'uint32'),
      model.initState() as never,
      shapeDtype([1, 3, 224, 224]),
    )
    expect(seen).toEqual(['stage1 1x256x56x56', 'stage2 1x512x28x28', 'stage3 1x1024x14x14', 'stage4 1x2048x7x7'])
  })
})

describe('runs', () => {
  it('a residual network trains: gradients for every parameter, new statistics', () => {
    const model = models.resNet18({ classes: 3 })
    const [params, state] = [model.init(key), model.initState()]
    const x = random.normal(key, [2, 3, 16, 16])
    const loss = (p: typeof params): [Tensor, typeof state] => {
      const [y, next] = model.applyWithState(p, { state, train: true })(x)
      return [np.sum(np.square(y)), next]
    }
    const [slopes, next] = grad(loss, { hasAux: true })(params)
    expect(tree.leaves(slopes).every((g) => Number.isFinite(Number(np.sum(np.square(g as Tensor)))))).toBe(true)
    expect(tree.sameStructure(next, state)).toBe(true)
    expect(tree.leaves(next).some((t, i) => !np.allclose(t as Tensor, tree.leaves(state)[i] as Tensor))).toBe(true)
  })
  it('a new head on the old features: the last entry of the parameters', () => {
    const model = models.leNet()
    const params = model.init(key)
    const head = nn.dense(84, 3).init(random.key(1))
    const moved = models.leNet({ classes: 3 })
    const x = random.normal(key, [2, 1, 28, 28])
    expect(moved.apply([...params.slice(0, -1), head])(x).shape).toEqual([2, 3])
    expect(model.apply(params)(x).shape).toEqual([2, 10])
  })
  it('squeezeNet pools windows that begin inside the image', () => {
    const model = models.squeezeNet({ classes: 2 })
    expect(model.apply(model.init(key))(random.normal(key, [1, 3, 40, 37])).shape).toEqual([1, 2])
  })
})

describe('preprocessing', () => {
  const image = np.array([[[255, 128, 0]]])
  it('is that of VGG: blue first, minus the mean', () => {
    const x = models.preprocessBgr(image)
    expect(x.shape).toEqual([3, 1, 1])
    const right = np.array([-103.939, 128 - 116.779, 255 - 123.68])
    expect(np.allclose(np.ravel(x), right)).toBe(true)
    expect(models.preprocessBgr(np.zeros([2, 5, 4, 3], { dtype: 'int32' })).shape).toEqual([2, 3, 5, 4])
  })
  it('is that of torchvision: scaled, standardised', () => {
    const right = np.array([(1 - 0.485) / 0.229, (128 / 255 - 0.456) / 0.224, -0.406 / 0.225])
    expect(np.allclose(np.ravel(models.preprocessRgb(image)), right, { rtol: 1e-5 })).toBe(true)
  })
  it('says what an image is', () => {
    expect(thrown(() => models.preprocessBgr(np.zeros([3, 5, 4])))).toMatch(
      /ShapeError: preprocessBgr: an image is \[\.\.\., height, width, 3\]/,
    )
  })
})
