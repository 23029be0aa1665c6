/** Calls of functions that no example makes, or only inside of another, or only at a cost of seconds. */
import { data, models, nn, np, optim, random, tree } from 'adjoint'

type Calls = Readonly<Record<string, readonly (readonly unknown[])[]>>

const x = np.array([1, 2, 3])
const w = np.array([
  [1, 2, 3],
  [4, 5, 6],
])
const key = random.key(0)
const rows = np.ones([2, 4])
const params = { w, b: x }

const each = (space: string, names: string, ...calls: readonly (readonly unknown[])[]): Calls =>
  Object.fromEntries(names.split(' ').map((name) => [`${space}.${name}`, calls]))

/** Calls by the name of the function. */
export const calls: Calls = {
  ...each('random', 'bits exponential gumbel', [key, [2]]),
  'random.bernoulli': [[key, 0.5, [2]]],
  'random.shuffle': [[key, x]],
  ...each(
    'nn',
    'celu elu gelu hardShrink hardSigmoid hardSwish hardTanh leakyRelu logSigmoid logSoftmax mish relu6 selu sigmoid silu softShrink softSign softplus squareplus standardize tanhShrink',
    [x],
  ),
  ...each('nn', 'avgPool1d maxPool1d sumPool1d', [2]),
  ...each('nn', 'avgPool2d maxPool2d sumPool2d', [2, { strides: 1 }]),
  ...each('nn', 'avgPool3d maxPool3d sumPool3d', [2]),
  ...each('nn', 'convTranspose1d convTranspose2d convTranspose3d', [2, 3, 3], [2, 3, 3, { strides: 2 }]),
  ...each('nn', 'depthwiseConv1d depthwiseConv3d', [2, 3]),
  'nn.compose': [[nn.dense(3, 2), nn.dense(2, 1)]],
  'nn.keyMask': [[np.ones([2, 3])]],
  'nn.linear': [[{ w: np.ones([3, 2]), b: np.ones([2]) }, x]],
  'nn.named': [['encoder', nn.dense(3, 2)]],
  ...each('models', 'mlp', [[3, 4, 2]], [[3, 4, 2], { activation: nn.relu }]),
  ...each('models', 'leNet squeezeNet vgg16 resNet18 resNet34 resNet50 resNet101 resNet152', [{ classes: 10 }]),
  ...each('models', 'dcgan', [{ size: 16, channels: 1 }]),
  ...each('models', 'mnistGan', [{ latent: 8 }]),
  ...each('models', 'vae autoencoder', [{ input: 8, hidden: 4, latent: 2 }]),
  'losses.contrastive': [[rows, rows, np.array([1, 0])]],
  'losses.triplet': [[rows, rows, rows]],
  'losses.infoNce': [[rows, rows]],
  'losses.gaussianNll': [[x, x, x]],
  'losses.pinball': [[x, x]],
  'losses.meanSquaredErrorPerRow': [[rows, rows]],
  'losses.sigmoidFocal': [[x, np.array([1, 0, 1])]],
  'losses.softmaxFocal': [[w, np.array([0, 2], { dtype: 'int32' })]],
  'losses.ctc': [[np.ones([1, 4, 3]), np.array([[1, 2]], { dtype: 'int32' })]],
  ...each('metrics', 'meanAbsoluteError rootMeanSquaredError', []),
  ...each(
    'optim',
    'adabelief adadelta adafactor adagrad adamax adamw amsgrad lamb lars lion momentum nadam nadamw nesterov radam rmsprop yogi',
    [1e-3],
    [1e-3, {}],
  ),
  ...each(
    'optim',
    'scaleByAdadelta scaleByAdam scaleByAdamax scaleByAmsgrad scaleByBelief scaleByFactoredRms scaleByLbfgs scaleByLion scaleByRadam scaleByRms scaleByRss scaleByTrustRatio scaleByYogi centralize',
    [{}],
  ),
  'optim.signSgd': [[1e-3]],
  ...each('optim', 'scaleBySign scaleByParamBlockRms setToZero zeroNans', []),
  ...each('optim', 'clip clipByBlockRms clipByNorm adaptiveGradClip scale', [1]),
  ...each('optim', 'ema trace', [0.9]),
  'optim.constantSchedule': [[0.1]],
  'optim.cosineDecaySchedule': [[{ init: 0.1, decaySteps: 10 }]],
  'optim.exponentialDecay': [[{ init: 0.1, transitionSteps: 10, decayRate: 0.5 }]],
  'optim.linearSchedule': [[{ init: 0.1, end: 0, transitionSteps: 10 }]],
  'optim.polynomialSchedule': [[{ init: 0.1, end: 0, power: 2, transitionSteps: 10 }]],
  'optim.joinSchedules': [[[optim.constantSchedule(0.1), optim.constantSchedule(0.01)], [10]]],
  ...each('optim', 'cosineOnecycleSchedule linearOnecycleSchedule', [{ transitionSteps: 10, peakValue: 1 }]),
  'optim.piecewiseConstantSchedule': [[0.1, { 5: 0.5 }]],
  'optim.sgdrSchedule': [[[{ peakValue: 1, warmupSteps: 1, decaySteps: 10 }]]],
  ...each('optim', 'warmupConstantSchedule warmupRsqrtSchedule', [{ peakValue: 1, warmupSteps: 2 }]),
  'optim.warmupCosineDecaySchedule': [[{ peakValue: 1, warmupSteps: 2, decaySteps: 10 }]],
  'optim.warmupExponentialDecaySchedule': [[{ peakValue: 1, warmupSteps: 2, transitionSteps: 10, decayRate: 0.5 }]],
  'optim.globalNorm': [[params]],
  'optim.scaleByLearningRate': [[0.1]],
  'optim.scaleBySchedule': [[optim.constantSchedule(0.1)]],
  'optim.stateless': [[(updates: unknown) => updates]],
  'data.flattenRows': [[rows]],
  'data.isDataset': [[data.fromColumns({ x })]],
  'data.map': [[data.fromColumns({ x }), (batch: unknown) => batch]],
  'data.subset': [[data.fromColumns({ x }), [0, 1]]],
  'data.fault': [['NotFound', 'no such file']],
  'io.gunzip': [[new Uint8Array([1, 2, 3]), 100]],
  'io.isGzip': [[new Uint8Array([1, 2, 3])]],
  'io.parseIdx': [[new Uint8Array([1, 2, 3])]],
  ...each('io', 'loadNpy loadNpz loadSafetensors', ['/nowhere/x'], ['/nowhere/x', {}]),
  'models.charLstm': [[8, { hidden: 4, layers: 1 }]],
  'models.gpt': [[8, { context: 4, features: 4, layers: 1, heads: 1 }]],
  ...each('models', 'countParameters dezero isHead torchvision', [models.mlp([3, 2])]),
  'models.gaussianKl': [[{ mean: x, logVar: x }]],
  'models.reparameterize': [[key, { mean: x, logVar: x }]],
  ...each('models', 'preprocessBgr preprocessRgb', [np.ones([4, 4, 3])]),
  'models.sample': [[models.gpt(8, { context: 4, features: 4, layers: 1, heads: 1 }), { temperature: 1 }]],
  'tree.leaves': [[params]],
  'tree.sameStructure': [[params, params]],
  'tree.equals': [[tree.structure(params), tree.structure(params)]],
  'tree.structurePaths': [[tree.structure(params)]],
}

const compiler = 'for those who add primitives and backends: its arguments are made by the compiler, not written by hand'
const probe = 'takes no argument, or tells of any value what it is'

const platform = 'takes what only a browser or an optional package has'
const parts =
  'for those who write transformations of their own: records of functions, whose parts are checked when they run; or any value at all'

/** Functions, and parameters as `function.parameter`, that are not tried, and why. */
export const untried: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    'extend.aval extend.bind extend.bindAll extend.checkProgram extend.codeOf extend.controlOf extend.controlTask extend.define extend.doingOf extend.draft extend.expand extend.freshFor extend.fuse extend.hostTask extend.hostTensor extend.nodesOf extend.now extend.operandsOf extend.optimizeProgram extend.partial extend.planMemory extend.runProgram extend.scalarBody extend.showAval extend.throughout extend.usageOf fail printProgram promote scope tree.checkSame'
      .split(' ')
      .map((n) => [n, compiler]),
  ),
  ...Object.fromEntries('data.canvasDecoder data.sharpDecoder io.platformDeflater'.split(' ').map((n) => [n, platform])),
  ...Object.fromEntries(
    'data.fault.tag optim.fromStep optim.fromSteps optim.wolfeSearch tree.reduce.initial'.split(' ').map((n) => [n, parts]),
  ),
  ...Object.fromEntries(
    'nn.layer().apply nn.layer().applyWithState nn.statefulLayer().apply nn.statefulLayer().applyWithState nn.cell().apply nn.cell().step nn.cell().project nn.recurrent().apply nn.recurrent().applyWithState'
      .split(' ')
      .map((n) => [`${n}.params`, 'read by a function of the example, as it pleases']),
  ),
  ...Object.fromEntries(
    'laws.backend.options laws.asyncBackend.options'.split(' ').map((n) => [n, 'left out, every primitive is tried, which takes minutes']),
  ),
  ...Object.fromEntries(
    'allGather allToAll pmax pmean pmin ppermute pshuffle psum psumScatter'
      .split(' ')
      .map((n) => [n, 'needs a named axis around, which no call from outside has: test/transforms/collective.test.ts']),
  ),
  'evalShape.args': 'given to the function of the example, which refuses them',
  'trace.args': 'given to the function of the example, which refuses them',
  'whileLoop.init': 'a loop whose condition never fails is the program that was written',
  ...Object.fromEntries('device data.isDataset isInexact isInteger isReal isTensor liveBuffers probe'.split(' ').map((n) => [n, probe])),
}
