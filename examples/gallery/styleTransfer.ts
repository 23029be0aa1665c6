/** A picture with the things of one and the manner of another: the parameters that are trained are its pixels. */
import { readFile } from 'node:fs/promises'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Tensor } from '../../src/index.js'
import { data, io, nn, np, optim, random, viz } from '../../src/index.js'
import { descend } from './descent.js'
import type { Example, Options, Result } from './example.js'

/** Convolutions in stages with a pooling between them, in the places that they have in VGG16. */
const network = (stages: readonly (readonly number[])[]) =>
  nn.sequential<readonly nn.Part[]>(
    ...stages.flatMap((stage, i): readonly nn.Part[] => [
      ...(i === 0 ? [] : [nn.maxPool2d(2)]),
      ...stage.flatMap((outputs): readonly nn.Part[] => [
        nn.conv2d(outputs, 3, { padding: 'same', wInit: nn.init.heNormal({ inAxis: 1, outAxis: 0 }) }),
        nn.relu,
      ]),
    ]),
  )
const small = { model: network([[16], [32], [64]]), manner: ['1', '4', '7'], things: '7' }
const vgg = { model: network([[64, 64], [128, 128], [256, 256, 256], [512]]), manner: ['1', '6', '11', '18'], things: '11' } // prettier-ignore
type Features = typeof small
type Params = ReturnType<Features['model']['init']>

const standard = data.normalise({ mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], axis: 1 })
const features = ({ model }: Features, params: Params, image: Tensor) => nn.intermediates(model, params)(standard(image)).parts

/** How often two maps are bright at the same place, wherever that is: float[n, channels, channels]. */
const gram = (maps: Tensor): Tensor => {
  const [, , height, width] = maps.shape as readonly [number, number, number, number]
  return np.div(np.einsum('nihw,njhw->nij', maps, maps), height * width)
}
const difference = (a: Tensor, b: Tensor): Tensor => np.div(np.mean(np.square(np.sub(a, b))), np.mean(np.square(b)))

/** Differences between neighbours: noise has many. */
const variation = (image: Tensor): Tensor => {
  const across = np.sub(np.index(image, '...', '1:'), np.index(image, '...', ':-1'))
  const down = np.sub(np.index(image, '...', '1:', ':'), np.index(image, '...', ':-1', ':'))
  return np.add(np.mean(np.square(across)), np.mean(np.square(down)))
}

interface Given {
  readonly network: Features
  readonly params: Params
  readonly content: Tensor
  readonly style: Tensor
}

const transfer = ({ network, params, content, style }: Given, { seed, steps = 300 }: Options): Result => {
  const of = (image: Tensor) => features(network, params, image)
  const [things, manner] = [of(content)[network.things]!, network.manner.map((at) => gram(of(style)[at]!))]
  const losses = (image: Tensor) => {
    const parts = of(image)
    const styles = network.manner.map((at, i) => difference(gram(parts[at]!), manner[i]!))
    return {
      content: difference(parts[network.things]!, things),
      style: styles.reduce((a, b) => np.add(a, b)),
      variation: variation(image),
    }
  }
  const loss = (image: Tensor, _: Tensor): Tensor => {
    const { content, style, variation } = losses(image)
    return np.add(np.add(np.mul(0.3, content), style), np.mul(0.2, variation))
  }
  // From the content with some noise; pixels are the parameters.
  const start = np.add(content, np.mul(0.05, random.normal(random.key(seed), content.shape)))
  const [image] = descend(loss, optim.adam(0.02), start, np.zeros([steps]))
  const [before, after, other] = [losses(content), losses(image), losses(style)]
  return {
    figures: {
      'style, of the content': Number(before.style),
      'style, of the result': Number(after.style),
      'content, of the style': Number(other.content),
      'content, of the result': Number(after.content),
      'variation of the noisy start': Number(variation(start)),
      'variation of the result': Number(after.variation),
    },
    picture: viz.imageGrid(np.concatenate([content, style, image]), {
      title: 'style transfer',
      columns: 3,
      labels: ['content', 'style', 'both'],
    }),
  }
}

const side = 48
const [rows, columns] = [np.expandDims(np.linspace(0, 1, side), 1), np.expandDims(np.linspace(0, 1, side), 0)]
/** A bright disc before a dark ground. */
const disc = (): Tensor => {
  const far = np.sqrt(np.add(np.square(np.sub(rows, 0.5)), np.square(np.sub(columns, 0.5))))
  const ink = nn.sigmoid(np.mul(60, np.sub(0.3, far)))
  const channel = (on: number, off: number): Tensor => np.add(off, np.mul(on - off, ink))
  return np.expandDims(np.stack([channel(0.9, 0.15), channel(0.7, 0.2), channel(0.3, 0.35)]), 0)
}
/** Slanting stripes of two colours. */
const stripes = (): Tensor => {
  const wave = np.add(0.5, np.mul(0.5, np.sin(np.mul(40, np.add(rows, np.mul(0.6, columns))))))
  return np.expandDims(np.stack([wave, np.mul(0.4, wave), np.sub(1, wave)]), 0)
}

/** An image file, its shorter side 192 pixels; `drawn` without one. */
const picture = (path: string | undefined, drawn: () => Tensor): TE.TaskEither<data.DataFault, Tensor> =>
  path === undefined
    ? TE.fromIO(drawn)
    : pipe(
        TE.tryCatch(
          () => readFile(path),
          () => data.fault('Unreadable', `style-transfer: ${path} cannot be read`),
        ),
        TE.chain((bytes) => data.decodeImage(bytes)),
        TE.map((image) => np.expandDims(data.centerCrop(192)(data.resize(192)(image)), 0)),
      )

/** VGG16's convolutions from a file, under the paths of `models.vgg16` or torchvision's names; small ones at random without a file. */
const trained = (path: string | undefined, seed: number): TE.TaskEither<data.DataFault, readonly [Features, Params]> => {
  const shape = [1, 3, side, side]
  if (path === undefined) return TE.right([small, small.model.init(random.key(seed), shape)] as const)
  const torch = (at: string): string => `features.${at.replace('/w', '.weight').replace('/b', '.bias')}`
  return pipe(
    path.endsWith('.npz')
      ? io.loadNpz(path)
      : pipe(
          io.loadSafetensors(path),
          TE.map(({ tensors }) => tensors),
        ),
    TE.chainEitherK((weights) => {
      const rename = 'features.0.weight' in weights ? torch : (at: string) => at
      const wanted = vgg.model.init(random.key(0), shape)
      return pipe(
        io.restore(wanted, weights, { partial: true, rename }),
        E.filterOrElse(
          ({ missing, mismatched }) => missing.length + mismatched.length === 0,
          ({ missing }) => data.fault('Mismatch', `style-transfer: ${path} has no weights for ${missing.join(', ')}`),
        ),
      )
    }),
    TE.map(({ tree }) => [vgg, tree] as const),
  )
}

/** Gatys et al. 2015, https://arxiv.org/abs/1508.06576 */
export const styleTransfer: Example = {
  about: 'Style transfer: features, Gram matrices and total variation; the optimizer trains the pixels.',
  run: (options) =>
    pipe(
      TE.Do,
      TE.bind('trained', () => trained(options.weights, options.seed)),
      TE.bind('content', () => picture(options.content, disc)),
      TE.bind('style', () => picture(options.style, stripes)),
      TE.map(({ trained: [network, params], content, style }) => transfer({ network, params, content, style }, options)),
    ),
}
