import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Tensor } from '../../../src/index.js'
import { evalShape, grad, io, losses, models, nn, np, optim, random, shapeDtype, tree } from '../../../src/index.js'
import { thrown } from '../../errors/thrown.js'

type Model = ReturnType<typeof models.resNet18>
type Shapes = Readonly<Record<string, readonly number[]>>

/** Stored names and shapes that a model asks for: as it has them, through the names of a publisher. */
const asked = (model: Model, names: models.StoredNames, transposed: boolean): Shapes => {
  const all = evalShape((key: Tensor) => ({ params: model.init(key), state: model.initState() }), shapeDtype([2], 'uint32'))
  const leaves = tree.leaves(all) as unknown as readonly Tensor[]
  return Object.fromEntries(
    tree.paths(all).map((path, i) => {
      const { shape } = leaves[i]!
      return [names.rename(path), transposed && shape.length === 2 ? [...shape].reverse() : shape]
    }),
  )
}

/** A convolution or dense layer, and a normalisation, as torch names them. */
const weighted = (name: string, w: readonly number[], bias = true): Shapes => ({
  [`${name}.weight`]: w,
  ...(bias ? { [`${name}.bias`]: [w[0]!] } : {}),
})
const normalised = (name: string, n: number): Shapes =>
  Object.fromEntries(['weight', 'bias', 'running_mean', 'running_var'].map((leaf) => [`${name}.${leaf}`, [n]]))

/** What torchvision's documentation of these models says, written out by their architecture. */
const vgg = (classes: number): Shapes => {
  const convolutions = [[0, 3, 64], [2, 64, 64], [5, 64, 128], [7, 128, 128], [10, 128, 256], [12, 256, 256], [14, 256, 256],
    [17, 256, 512], [19, 512, 512], [21, 512, 512], [24, 512, 512], [26, 512, 512], [28, 512, 512]] as const // prettier-ignore
  return Object.assign(
    {},
    ...convolutions.map(([i, inputs, outputs]) => weighted(`features.${i}`, [outputs, inputs, 3, 3])),
    weighted('classifier.0', [4096, 25088]),
    weighted('classifier.3', [4096, 4096]),
    weighted('classifier.6', [classes, 4096]),
  ) as Shapes
}
const resNet = (counts: readonly number[], bottleneck: boolean, classes: number): Shapes => {
  const [parts, expansion]: [Shapes[], number] = [[weighted('conv1', [64, 3, 7, 7], false), normalised('bn1', 64)], bottleneck ? 4 : 1]
  let inputs = 64
  counts.forEach((count, s) => {
    const width = 64 * 2 ** s
    for (let b = 0; b < count; b++) {
      const at = `layer${s + 1}.${b}`
      const windows = bottleneck
        ? [[width, inputs, 1], [width, width, 3], [4 * width, width, 1]] // prettier-ignore
        : [[width, inputs, 3], [width, width, 3]] // prettier-ignore
      windows.forEach(([o, i, k], n) =>
        parts.push(weighted(`${at}.conv${n + 1}`, [o!, i!, k!, k!], false), normalised(`${at}.bn${n + 1}`, o!)),
      )
      const outputs = width * expansion
      if (b === 0 && (s > 0 || outputs !== inputs))
        parts.push(weighted(`${at}.downsample.0`, [outputs, inputs, 1, 1], false), normalised(`${at}.downsample.1`, outputs))
      inputs = outputs
    }
  })
  return Object.assign({}, ...parts, weighted('fc', [classes, inputs])) as Shapes
}

describe('names of torchvision', () => {
  it('of VGG16 and the residual networks, with their shapes', () => {
    expect(asked(models.vgg16(), models.torchvision(models.vgg16()), true)).toEqual(vgg(1000))
    for (const [model, counts, bottleneck] of [
      [models.resNet18(), [2, 2, 2, 2], false],
      [models.resNet34(), [3, 4, 6, 3], false],
      [models.resNet50(), [3, 4, 6, 3], true],
      [models.resNet152(), [3, 8, 36, 3], true],
    ] as const)
      expect(asked(model, models.torchvision(model), true), model.name).toEqual(resNet(counts, bottleneck, 1000))
  })
  it('of SqueezeNet 1.1', () => {
    const shapes = asked(models.squeezeNet(), models.torchvision(models.squeezeNet()), true)
    expect(Object.keys(shapes).length).toBe(52)
    expect(shapes).toMatchObject({
      'features.0.weight': [64, 3, 3, 3],
      'features.3.squeeze.weight': [16, 64, 1, 1],
      'features.3.expand1x1.weight': [64, 16, 1, 1],
      'features.12.expand3x3.weight': [256, 64, 3, 3],
      'features.12.expand3x3.bias': [256],
      'classifier.1.weight': [1000, 512, 1, 1],
      'classifier.1.bias': [1000],
    })
  })
  it('are of no other model', () => {
    expect(thrown(() => models.torchvision(models.leNet()))).toMatch(/ValueError: torchvision: it has no model 'leNet'/)
    expect(thrown(() => models.dezero(models.resNet18()))).toMatch(/ValueError: dezero: it has no model 'resNet18'/)
  })
})

describe('names of DeZero', () => {
  it('of VGG16', () => {
    const shapes = asked(models.vgg16(), models.dezero(models.vgg16()), false)
    const convolutions = ['1_1', '1_2', '2_1', '2_2', '3_1', '3_2', '3_3', '4_1', '4_2', '4_3', '5_1', '5_2', '5_3'].map((n) => `conv${n}`)
    expect(Object.keys(shapes).sort()).toEqual([...convolutions, 'fc6', 'fc7', 'fc8'].flatMap((n) => [`${n}/W`, `${n}/b`]).sort())
    expect([shapes['conv3_1/W'], shapes['fc6/W'], shapes['fc8/b']]).toEqual([[256, 128, 3, 3], [25088, 4096], [1000]])
  })
  it('of residual networks: blocks a, b1, b2, the shortcut fourth', () => {
    const model = models.resNet50({ variant: 'dezero' })
    const shapes = asked(model, models.dezero(model), false)
    expect(shapes).toMatchObject({
      'conv1/W': [64, 3, 7, 7],
      'conv1/b': [64],
      'bn1/gamma': [64],
      'bn1/avg_var': [64],
      'res2/a/conv1/W': [64, 64, 1, 1],
      'res2/a/conv4/W': [256, 64, 1, 1],
      'res2/a/bn4/beta': [256],
      'res5/b2/conv3/W': [2048, 512, 1, 1],
      'res5/b2/bn3/avg_mean': [2048],
      'fc6/W': [2048, 1000],
    })
    expect(
      Object.keys(shapes)
        .filter((n) => n.startsWith('res4/'))
        .map((n) => n.split('/')[1]),
    ).toEqual(expect.arrayContaining(['a', 'b1', 'b2', 'b3', 'b4', 'b5']) as string[])
    expect(new Set(Object.keys(shapes)).size).toBe(53 + 1 + 53 * 4 + 2)
  })
})

describe('pretrained weights under another head', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weights-'))
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })
  const model = models.resNet18({ classes: 10 })
  const fresh = { params: model.init(random.key(0)), state: model.initState() }
  const path = join(folder, 'resnet18.safetensors')
  const names = Object.entries(resNet([2, 2, 2, 2], false, 1000))
  const stored = {
    ...Object.fromEntries(
      names.map(([name, shape], i) => [name, np.add(name.endsWith('var') ? 1 : 0, np.mul(0.1, random.normal(random.key(i), shape)))]),
    ),
    'bn1.num_batches_tracked': np.zeros([], { dtype: 'int32' }),
  }
  const load = (options: io.RestoreOptions) =>
    pipe(
      io.loadSafetensors(path),
      TE.chainEitherK(({ tensors }) => io.restore(fresh, tensors, { ...models.torchvision(model), ...options })),
    )()
  const right = <A>(e: E.Either<io.DataFault, A>): A => {
    if (E.isLeft(e)) throw new Error(e.left.message)
    return e.right
  }
  const leafAt = (t: unknown, at: string): Tensor => tree.leaves(t)[tree.paths(t).indexOf(at)] as Tensor

  beforeAll(async () => {
    right(await io.saveSafetensors(path, stored)())
  })

  it('come through a file: everything but the head, which stays; the report says so', async () => {
    const isHead = models.isHead(model)
    const { tree: loaded, ...report } = right(await load({ select: (p) => !isHead(p) }))
    expect(report).toMatchObject({ missing: [], unexpected: [], mismatched: [] })
    expect(report.loaded.length).toBe(names.length - 2)
    for (const at of ['params/9/w', 'params/9/b']) expect(leafAt(loaded, at)).toBe(leafAt(fresh, at))
    for (const [at, name] of [
      ['params/0/w', 'conv1.weight'],
      ['params/4/1/0/body/3/w', 'layer1.1.conv2.weight'],
      ['params/6/0/0/shortcut/1/scale', 'layer3.0.downsample.1.weight'],
      ['state/7/1/0/body/4/var', 'layer4.1.bn2.running_var'],
    ] as const)
      expect(np.arrayEqual(leafAt(loaded, at), (stored as io.Weights)[name]!), at).toBe(true)
  })
  it('or, partially, with the head among what does not fit; whole into a model of as many classes, dense weights transposed', async () => {
    const { tree: loaded, ...report } = right(await load({ partial: true }))
    expect(report.mismatched.map(({ path: at, expected, found }) => [at, expected, found])).toEqual([
      ['params/9/b', 'float32[10]', 'float32[1000]'],
      ['params/9/w', 'float32[512,10]', 'float32[512,1000]'],
    ])
    expect(leafAt(loaded, 'params/9/w')).toBe(leafAt(fresh, 'params/9/w'))
    const strict = await load({})
    expect(strict).toMatchObject({
      left: { _tag: 'Mismatch', message: expect.stringMatching(/params\/9\/b is float32\[1000\]/) as string },
    })
    const whole = right(
      io.restore({ params: models.resNet18().init(random.key(0)) }, stored, {
        ...models.torchvision(model),
        ignore: (name) => /num_batches|running/.test(name),
      }),
    )
    expect(np.arrayEqual(leafAt(whole.tree, 'params/9/w'), np.transpose((stored as io.Weights)['fc.weight']!))).toBe(true)
  })
  it('then only the head is trained: the body keeps every bit and has no optimizer state', async () => {
    const isHead = models.isHead(model)
    const { params, state } = right(await load({ select: (p) => !isHead(p) })).tree
    const optimizer = optim.multiTransform({ head: optim.adam(0.01), body: optim.setToZero() }, (p) => (isHead(p) ? 'head' : 'body'))
    const begin = optimizer.init(params)
    expect(tree.leaves(begin).reduce<number>((n, x) => n + (x as Tensor).size, 0)).toBe(2 * (512 * 10 + 10) + 1)
    const [x, y] = [random.normal(random.key(1), [2, 3, 32, 32]), np.array([3, 7], { dtype: 'int32' })]
    const loss = (p: typeof params): Tensor => losses.softmaxCrossEntropy(model.apply(p, { state })(x), y)
    const [updates] = optimizer.update(grad(loss)(params), begin, params)
    const after = optim.applyUpdates(params, updates)
    const moved = tree.paths(after).filter((at) => !np.arrayEqual(tree.get(params, at) as Tensor, tree.get(after, at) as Tensor))
    expect(moved).toEqual(tree.paths(params).filter(isHead))
    expect(Number(loss(after))).toBeLessThan(Number(loss(params)))
  })
  it('know the head of every model', () => {
    expect(['14/w', 'params/14/b', '12/0/w'].map(models.isHead(models.squeezeNet()))).toEqual([true, true, false])
    expect(['11/w', '9/w', 'state/11/w'].map(models.isHead(models.leNet()))).toEqual([true, false, false])
    expect(models.isHead(nn.sequential(nn.dense(2, 3), nn.relu, nn.dense(3, 4)))('2/w')).toBe(true)
  })
})
