/** The library's own trees, draws, optimizers, layers, data sets and formats under their laws. */
import * as E from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import { describe, it } from 'vitest'
import type { Tensor } from '../../src/index.js'
import { data, np, optim, random } from '../../src/index.js'
import * as nn from '../../src/nn.js'
import { parseIdx } from '../../src/data/idx.js'
import { parameters } from './trainings.js'
import { eighths, expectSame, laws, list, tensor, tensorOf, tensors } from '../../laws/index.js'
import { options } from './options.js'

describe('trees', () => {
  it('are a functor', () => {
    laws.functor(undefined, options(300))
  })
  it('can be traversed', () => {
    laws.traversal(undefined, options(300))
  })
  it('have places', () => {
    laws.places(undefined, options(300))
  })
})

describe('random draws', () => {
  it('keys are fresh', () => {
    laws.keys(options(50))
  })
  const draws: Readonly<Record<string, (key: Tensor) => Tensor>> = {
    'uniform, float32': (key) => random.uniform(key, [5]),
    'uniform, float64': (key) => random.uniform(key, [3], { dtype: 'float64' }),
    bits: (key) => random.bits(key, [3, 2]),
    normal: (key) => random.normal(key, [2, 3]),
    truncatedNormal: (key) => random.truncatedNormal(key, -1, 2, [4]),
    bernoulli: (key) => random.bernoulli(key, 0.25, [7]),
    exponential: (key) => random.exponential(key, [3]),
    gumbel: (key) => random.gumbel(key, [3]),
    randint: (key) => random.randint(key, [6], -3, 12),
    permutation: (key) => random.permutation(key, 6),
    categorical: (key) => random.categorical(key, np.array([0.5, -1, 2])),
    'a scalar': (key) => random.uniform(key),
    nothing: (key) => random.uniform(key, [0]),
  }
  for (const [name, draw] of Object.entries(draws))
    it(name, () => {
      laws.streams(draw, options(10))
    })
})

describe('optimizers', () => {
  const steps: readonly optim.GradientTransformation[] = [
    optim.scale(-0.5),
    optim.clip(0.5),
    optim.clipByGlobalNorm(1),
    optim.addDecayedWeights(0.125),
    optim.scaleByAdam(),
    optim.scaleByRms(),
    optim.trace({ decay: 0.5 }),
    optim.identity,
    optim.chain(optim.scaleByRss(), optim.scale(2)),
    optim.scaleByRadam(),
    optim.scaleByLion(),
    optim.scaleByFactoredRms({ minDimSizeToFactor: 1 }),
    optim.scaleByTrustRatio(),
    optim.ema(0.5),
    optim.centralize(),
    optim.freeze((path) => path.endsWith('w')),
    optim.multiSteps(optim.scaleByAdam(), 2),
    optim.applyIfFinite(optim.trace({ decay: 0.5 }), 1),
  ]
  it('are a monoid', () => {
    laws.monoid(fc.constantFrom(...steps), parameters, options(60))
  })
  const optimizers: Readonly<Record<string, optim.GradientTransformation>> = {
    sgd: optim.sgd(0.125),
    momentum: optim.momentum(0.125, { momentum: 0.5 }),
    adagrad: optim.adagrad(0.125),
    adadelta: optim.adadelta(0.5),
    rmsprop: optim.rmsprop(0.125),
    adam: optim.adam(0.125),
    adamw: optim.adamw(0.125),
    'a schedule': optim.adam(optim.exponentialDecay({ initValue: 0.5, decayRate: 0.5, transitionSteps: 2 })),
    nesterov: optim.nesterov(0.125),
    nadam: optim.nadam(0.125),
    nadamw: optim.nadamw(0.125),
    amsgrad: optim.amsgrad(0.125),
    adamax: optim.adamax(0.125),
    radam: optim.radam(0.125),
    adabelief: optim.adabelief(0.125),
    yogi: optim.yogi(0.125),
    lamb: optim.lamb(0.125),
    lars: optim.lars(0.125),
    lion: optim.lion(0.125),
    signSgd: optim.signSgd(0.125),
    adafactor: optim.adafactor(0.125, { minDimSizeToFactor: 1, momentum: 0.5 }),
    multiSteps: optim.multiSteps(optim.adam(0.125), 2),
    applyIfFinite: optim.applyIfFinite(optim.momentum(0.125), 1),
    lookahead: optim.lookahead(optim.sgd(0.125), { syncPeriod: 2 }),
    masked: optim.masked(optim.adam(0.125), (path) => path.endsWith('w')),
    multiTransform: optim.multiTransform({ a: optim.adam(0.125), b: optim.sgd(1) }, (path) => (path.endsWith('w') ? 'a' : 'b')),
    injectHyperparams: optim.injectHyperparams(({ rate }) => optim.sgd(rate), { rate: 0.125 }),
    'clips and centres': optim.chain(optim.clipByNorm(1), optim.clipByBlockRms(0.5), optim.adaptiveGradClip(0.25), optim.centralize()),
    noise: optim.chain(optim.addNoise({ eta: 0.5, gamma: 0.55, key: random.key(0) }), optim.ema(0.5), optim.sgd(0.125)),
    'a chain': optim.chain(optim.clipByGlobalNorm(1), optim.adam(1e-3)),
  }
  for (const [name, optimizer] of Object.entries(optimizers))
    it(name, () => {
      laws.optimizer(optimizer, parameters, options(6))
    })
})

describe('layers', () => {
  const images = fc.integer({ min: 1, max: 3 }).chain((n) => tensor([n, 4], 'float32'))
  it('dense', () => {
    laws.layer(nn.dense(4, 3), images, options(10))
  })
  it('dense with derivatives, input size from the input', () => {
    laws.layer(nn.dense(3), images, { ...options(5), smooth: true })
  })
  it('sequential', () => {
    laws.layer(nn.sequential(nn.dense(4, 5), nn.lift(np.tanh, 'tanh'), nn.dense(2)), images, { ...options(8), smooth: true })
  })
  const pictures = fc.integer({ min: 1, max: 2 }).chain((n) => tensor([n, 2, 5, 4], 'float32'))
  const smooth: Readonly<Record<string, nn.AnyLayer>> = {
    conv2d: nn.conv2d(2, 3, 3, { padding: 'same' }),
    'conv2d, channels from the input, strided': nn.conv2d(2, [2, 3], { strides: 2, dilation: [2, 1], padding: 1 }),
    avgPool2d: nn.avgPool2d(2, { strides: 1, padding: 'same', countIncludePad: false }),
    batchNorm: nn.batchNorm({ epsilon: 0.125 }),
    groupNorm: nn.groupNorm(2, 2, { epsilon: 0.125 }),
    convTranspose2d: nn.convTranspose2d(2, 2, { strides: 2 }),
    depthwiseConv2d: nn.depthwiseConv2d(2, { multiplier: 2 }),
    'multiHeadAttention, in the rows of images': nn.multiHeadAttention(2, { isCausal: true }),
    layerNorm: nn.layerNorm(undefined, { epsilon: 0.125 }),
    'residual and parallel': nn.residual(nn.parallel([nn.conv2d(1, 1), nn.conv2d(1, 3, { padding: 1 })])),
    'convolution, normalisation, dropout': nn.sequential(
      nn.conv2d(3, 2),
      nn.batchNorm(),
      np.tanh,
      nn.dropout(0.5),
      nn.flatten,
      nn.dense(2),
    ),
  }
  for (const [name, layer] of Object.entries(smooth))
    it(name, () => {
      laws.layer(layer, pictures, { ...options(4), smooth: true })
    })
  it('maxPool2d', () => {
    laws.layer(nn.maxPool2d(2, { strides: 1 }), pictures, options(6))
  })
  const sequences = fc.integer({ min: 1, max: 3 }).chain((n) => tensor([2, n, 3], 'float32'))
  const recurrent = { rnn: nn.rnn(3, 2), lstm: nn.lstm(3, 2), gru: nn.gru(2), 'a truncated gru': nn.gru(2, { truncate: 2 }) }
  for (const [name, layer] of Object.entries<nn.Layer<never, never>>(recurrent as never))
    it(name, () => {
      laws.layer(layer, sequences, { ...options(4), smooth: !name.includes('truncated') })
    })
  it('bidirectional', () => {
    laws.layer(nn.bidirectional(nn.lstmCell(3, 2), nn.gruCell(3, 2)), sequences, { ...options(3), smooth: true })
  })
})

describe('data sets', () => {
  const columns = {
    x: tensorOf(
      Array.from({ length: 14 }, (_, i) => i / 8),
      [7, 2],
    ),
    y: tensorOf([0, 1, 2, 3, 4, 5, 6], [7], 'int32'),
  }
  const rows = data.fromColumns(columns)
  it('in memory', () => {
    laws.dataset(rows, options(30))
  })
  it('mapped', () => {
    laws.dataset(
      data.map(rows, ({ x, y }) => [np.mul(x, 2), y]),
      options(20),
    )
  })
  it('parts', () => {
    laws.dataset(data.subset(rows, [6, 0, 3]), options(20))
  })
  it('joined and lazy', () => {
    const one = data.lazy(3, (row) => ({ x: np.full([2], row, { dtype: 'float64' }), y: np.array(row, { dtype: 'int32' }) }))
    laws.dataset(data.concat(rows, one), options(20))
  })
  it('sequence batches can be restarted', () => {
    laws.restartable(data.sequenceBatches(rows, { size: 2 }), options(10))
  })
  it('a split is a partition', () => {
    const parts = (seed: number): Iterable<readonly number[]> =>
      data.split(rows, 4, { key: random.key(seed) }).map((part) => [...data.all(part).y.toTypedArray()])
    laws.partition(parts, rows.length, options(10))
  })
  it('batches can be restarted', () => {
    laws.restartable(data.batches(rows, { size: 3, key: random.key(1) }), options(10))
  })
  it('batches are a partition', () => {
    const shuffled = (seed: number): Iterable<readonly number[]> =>
      [...data.batches(rows, { size: 3, key: random.key(seed) })].map(({ y }) => Array.from(y.toTypedArray()))
    laws.partition(shuffled, 7, options(10))
  })
})

describe('formats', () => {
  it('tensors as JSON', () => {
    laws.format(
      { encode: (x: Tensor) => JSON.stringify(x), decode: (text: string) => np.array(JSON.parse(text) as number[], { dtype: 'float64' }) },
      tensors('float64', { minSize: 1 }),
      {
        ...options(60),
        same: (a, b) => {
          expectSame('decoded', a, b, {})
        },
      },
    )
  })
  it('IDX', () => {
    const encode = (x: Tensor): Uint8Array => {
      const header = new DataView(new ArrayBuffer(4 + 4 * x.ndim))
      header.setUint32(0, 0x0800 + x.ndim)
      x.shape.forEach((n, k) => {
        header.setUint32(4 + 4 * k, n)
      })
      return Uint8Array.from([...new Uint8Array(header.buffer), ...x.toTypedArray()])
    }
    const decode = (bytes: Uint8Array): Tensor => {
      const read = parseIdx(bytes)
      if (E.isLeft(read)) throw new Error(JSON.stringify(read.left))
      return tensorOf(Array.from(read.right.data), read.right.shape, 'int32')
    }
    const values = fc
      .tuple(fc.integer({ min: 1, max: 3 }), fc.nat(3))
      .chain(([n, m]) => list(fc.nat(255), n * m).map((v) => tensorOf(v, [n, m], 'int32')))
    laws.format({ encode, decode }, values, options(60))
  })
})

describe('functions of the vocabulary', () => {
  const vectors = list(eighths(-1, 1), 6).map((v) => [tensorOf(v, [2, 3])])
  const functions: Readonly<Record<string, (x: Tensor) => Tensor>> = {
    softmax: (x) => nn.softmax(x),
    logSoftmax: (x) => nn.logSoftmax(x),
    'matmul of itself': (x) => np.matmul(x, np.transpose(x)),
    'einsum of itself': (x) => np.einsum('ij,kj->ik', x, np.sin(x)),
    mean: (x) => np.mean(np.exp(x), { axis: 1 }),
    variance: (x) => np.var(x, { axis: 0 }),
  }
  for (const [name, f] of Object.entries(functions)) {
    it(`${name}: derivative`, () => {
      laws.derivative((x) => [f(x)], vectors, options(15))
    })
    it(`${name}: batching`, () => {
      laws.batching((x) => [f(x)], fc.tuple(vectors, vectors, vectors), { ...options(15) })
    })
    it(`${name}: vmap and grad commute`, () => {
      laws.batchedDerivative((x) => [f(x)], fc.tuple(vectors, vectors), options(15))
    })
    it(`${name}: chain rule`, () => {
      laws.chainRule(
        (x) => [f(x)],
        (y) => [np.sin(y), np.sum(np.mul(y, y))],
        vectors,
        options(15),
      )
    })
  }
})
