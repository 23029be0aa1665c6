import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../../src/index.js'
import { grad, jit, losses, models, nn, np, random, tree, vmap } from '../../../src/index.js'
import { thrown } from '../../errors/thrown.js'

const key = random.key(0)

describe('generative pairs', () => {
  it('have the published numbers of parameters', () => {
    // Those of PyTorch's DCGAN example at its default sizes.
    const { generator, discriminator } = models.dcgan()
    expect([models.countParameters(generator), models.countParameters(discriminator)]).toEqual([3_576_704, 2_765_568])
    const digits = models.mnistGan()
    expect(models.countParameters(digits.generator)).toBe(
      63 * 1024 + 2048 + 1025 * 6272 + 2 * 6272 + (128 * 64 * 16 + 64) + 128 + (64 * 16 + 1),
    )
    expect(models.countParameters(digits.discriminator)).toBe(64 * 17 + (64 * 128 * 16 + 128) + 256 + 6273 * 1024 + 2048 + 1025)
  })
  it.each([
    ['dcgan of 8 x 8', models.dcgan({ size: 8, channels: 2, width: 4, latent: 5 }), 5, [2, 8, 8], -1],
    ['dcgan of 32 x 32', models.dcgan({ size: 32, channels: 1, width: 2, latent: 3 }), 3, [1, 32, 32], -1],
    ['mnistGan', models.mnistGan({ latent: 4 }), 4, [1, 28, 28], 0],
  ] as const)('%s: noise to images, images to logits, gradients to both', (_, { generator, discriminator }, latent, image, least) => {
    const z = random.normal(key, [3, latent])
    const [g, d] = [generator.init(key), discriminator.init(key)]
    const fakes = (p: typeof g): Tensor => generator.apply(p, { state: generator.initState(), train: true })(z)
    const judge = (p: typeof d, x: Tensor): Tensor => discriminator.apply(p, { state: discriminator.initState(), train: true })(x)
    const images = fakes(g)
    expect(images.shape).toEqual([3, ...image])
    expect(Number(np.min(images))).toBeGreaterThanOrEqual(least)
    expect(Number(np.max(images))).toBeLessThanOrEqual(1)
    expect(judge(d, images).shape).toEqual([3])
    const ofGenerator = jit(grad((p: typeof g) => losses.sigmoidCrossEntropy(judge(d, fakes(p)), np.ones([3]))))(g)
    const ofJudge = jit(grad((p: typeof d) => losses.sigmoidCrossEntropy(judge(p, images), np.zeros([3]))))(d)
    // A bias before a normalisation moves nothing; every weight does.
    for (const slopes of [ofGenerator, ofJudge])
      expect(
        tree.paths(slopes).filter((path) => path.endsWith('/w') && !(Number(np.max(np.abs(tree.get(slopes, path) as Tensor))) > 0)),
      ).toEqual([])
  })
  it('trains many at once', () => {
    const { generator } = models.dcgan({ size: 8, channels: 1, width: 2, latent: 3 })
    const many = vmap((k: Tensor) => generator.init(k))(np.stack(random.split(key, 3)))
    const draw = vmap((p: typeof many) => generator.apply(p, { state: generator.initState(), train: true })(np.ones([2, 3])))
    expect(draw(many).shape).toEqual([3, 2, 1, 8, 8])
  })
  it('doubles from 4 x 4', () => {
    expect(nn.summary(models.dcgan().generator, [1, 100]).rows.map((r) => r.outputShape[2])).toEqual(
      expect.arrayContaining([4, 8, 16, 32, 64]) as number[],
    )
    expect(thrown(() => models.dcgan({ size: 48 }))).toMatch(/ValueError: dcgan: images of 48 x 48 do not come of doubling 4 x 4/)
    expect(thrown(() => models.dcgan({ size: 4 }))).toMatch(/ValueError: dcgan: images of 4 x 4/)
    expect(thrown(() => models.mnistGan({ latent: 0 }))).toMatch(/ValueError: mnistGan: latent must be a whole number from 1, got 0/)
  })
})
