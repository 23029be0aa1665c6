/** One figure per optimizer: a run that shows what it is for, beside the one that it improves on. */
import { optim } from '../../src/index.js'
import { descend, descendByLayer, follow, halved, minimizeBy, rosenbrock, scales, strides, valley } from './descent.js'
import type { Figure } from './figure.js'

const updates = 'updates'
const inTheValley = 'log10 of the loss, valley 25 times as steep across'
const inTheBend = "log10 of the loss, Rosenbrock's valley"

/** A gradient of 3 and twice one of -1: downhill is -1 on average times 1/3 upwards. */
const rareAndLarge = (t: number): number => (t % 3 === 0 ? 3 : -1)
/** Uphill and downhill in turn, with the given size. */
const noise =
  (size: number) =>
  (t: number): number =>
    t % 2 === 0 ? size : -size
/** One direction with a little noise, then noise alone. */
const steadyThenNot = (t: number): number => (t < 40 ? 1 + noise(0.3)(t) : noise(1)(t))
/** One in ten. */
const rare = (t: number): number => (t % 10 === 0 ? 1 : 0)

/** Name of the page -> its figure. */
export const optimizerFigures: Readonly<Record<string, Figure>> = {
  sgd: {
    title: inTheValley,
    xLabel: updates,
    lines: () => ({
      'lr 0.01': descend(valley, optim.sgd(0.01), 60),
      'lr 0.07': descend(valley, optim.sgd(0.07), 60),
      'lr 0.081': descend(valley, optim.sgd(0.081), 60),
    }),
  },
  momentum: {
    title: inTheValley,
    xLabel: updates,
    lines: () => ({
      sgd: descend(valley, optim.sgd(0.01), 120),
      'momentum 0.5': descend(valley, optim.momentum(0.01, { momentum: 0.5 }), 120),
      'momentum 0.9': descend(valley, optim.momentum(0.01), 120),
    }),
  },
  nesterov: {
    title: inTheValley,
    xLabel: updates,
    lines: () => ({
      momentum: descend(valley, optim.momentum(0.04), 100),
      nesterov: descend(valley, optim.nesterov(0.04), 100),
    }),
  },
  signSgd: {
    title: inTheValley,
    xLabel: updates,
    lines: () => ({
      'lr 0.19': descend(valley, optim.signSgd(0.19), 120),
      'lr 0.047': descend(valley, optim.signSgd(0.047), 120),
      'halved every 20': descend(
        valley,
        optim.signSgd(optim.exponentialDecay({ initValue: 0.19, decayRate: 0.5, transitionSteps: 20 })),
        120,
      ),
    }),
  },
  lion: {
    title: inTheBend,
    xLabel: updates,
    lines: () => ({
      'adam 0.05': descend(rosenbrock, optim.adam(0.05), 150),
      'lion 0.05': descend(rosenbrock, optim.lion(0.05), 150),
      'lion 0.01': descend(rosenbrock, optim.lion(0.01), 150),
    }),
  },
  adagrad: {
    title: 'a parameter whose gradient is 1 at every tenth update',
    xLabel: updates,
    lines: () => ({
      'sgd 0.1': follow(optim.sgd(0.1), rare, 120),
      'adagrad 0.1': follow(optim.adagrad(0.1), rare, 120),
      'adagrad, always 1': follow(optim.adagrad(0.1), () => 1, 120),
    }),
  },
  adadelta: {
    title: inTheValley,
    xLabel: updates,
    lines: () => ({
      'eps 1e-6': descend(valley, optim.adadelta(), 150),
      'eps 1e-4': descend(valley, optim.adadelta(1, { eps: 1e-4 }), 150),
      'eps 1e-3': descend(valley, optim.adadelta(1, { eps: 1e-3 }), 150),
    }),
  },
  rmsprop: {
    title: inTheValley,
    xLabel: updates,
    lines: () => ({
      'sgd 0.04': descend(valley, optim.sgd(0.04), 120),
      'rmsprop 0.1': descend(valley, optim.rmsprop(0.1), 120),
      'rmsprop 0.05': descend(valley, optim.rmsprop(0.05), 120),
    }),
  },
  adam: {
    title: inTheBend,
    xLabel: updates,
    step: 2,
    lines: () => ({
      'sgd 0.001': halved(descend(rosenbrock, optim.sgd(0.001), 300)),
      'adam 0.02': halved(descend(rosenbrock, optim.adam(0.02), 300)),
      'adam 0.2': halved(descend(rosenbrock, optim.adam(0.2), 300)),
    }),
  },
  adamw: {
    title: 'a weight under decay 0.1, gradients +10 and -10 in turn',
    xLabel: updates,
    lines: () => ({
      'decay before adam': follow(optim.chain(optim.addDecayedWeights(0.1), optim.adam(0.1)), noise(10), 150, { from: 1 }),
      adamw: follow(optim.adamw(0.1, { weightDecay: 0.1 }), noise(10), 150, { from: 1 }),
    }),
  },
  nadam: {
    title: inTheValley,
    xLabel: updates,
    lines: () => ({
      adam: descend(valley, optim.adam(0.2), 100),
      nadam: descend(valley, optim.nadam(0.2), 100),
    }),
  },
  nadamw: {
    title: 'a weight from 1 without gradient: the decay alone, lr 0.1',
    xLabel: updates,
    lines: () => ({
      'decay 1e-4': follow(optim.nadamw(0.1), () => 0, 100, { from: 1 }),
      'decay 0.1': follow(optim.nadamw(0.1, { weightDecay: 0.1 }), () => 0, 100, { from: 1 }),
      'decay 0.5': follow(optim.nadamw(0.1, { weightDecay: 0.5 }), () => 0, 100, { from: 1 }),
    }),
  },
  amsgrad: {
    title: 'gradients 3, -1, -1, 3, ...: of [-1, 1] the best place is -1',
    xLabel: updates,
    lines: () => ({
      adam: follow(optim.adam(0.1, { b1: 0, b2: 0.1 }), rareAndLarge, 150, { bound: 1 }),
      amsgrad: follow(optim.amsgrad(0.1, { b1: 0, b2: 0.1 }), rareAndLarge, 150, { bound: 1 }),
    }),
  },
  adamax: {
    title: 'length of a step: gradients of 1, among them one of 10',
    xLabel: updates,
    lines: () => ({
      adam: strides(optim.adam(0.1, { b2: 0.9 }), (t) => (t === 20 ? 10 : 1), 80),
      adamax: strides(optim.adamax(0.1, { b2: 0.9 }), (t) => (t === 20 ? 10 : 1), 80),
    }),
  },
  radam: {
    title: 'length of a step where every gradient is 1, lr 0.1',
    xLabel: updates,
    lines: () => ({
      adam: strides(optim.adam(0.1), () => 1, 150),
      'radam b2 0.99': strides(optim.radam(0.1, { b2: 0.99 }), () => 1, 150),
      'radam b2 0.999': strides(optim.radam(0.1), () => 1, 150),
    }),
  },
  adabelief: {
    title: 'length of a step: gradients 1.3 and 0.7, from 40 on +1 and -1',
    xLabel: updates,
    lines: () => ({
      adam: strides(optim.adam(0.1, { b2: 0.9 }), steadyThenNot, 80),
      adabelief: strides(optim.adabelief(0.1, { b2: 0.9 }), steadyThenNot, 80),
    }),
  },
  yogi: {
    title: 'length of a step: gradients fall from 1 to 0.1 at update 30',
    xLabel: updates,
    lines: () => ({
      adam: strides(optim.adam(0.1, { b2: 0.95 }), (t) => (t < 30 ? 1 : 0.1), 150),
      yogi: strides(optim.yogi(0.1, { b2: 0.95 }), (t) => (t < 30 ? 1 : 0.1), 150),
    }),
  },
  adafactor: {
    title: 'log10 of the error, parameters 100 and 0.1 to be doubled',
    xLabel: updates,
    lines: () => ({
      'adam 0.1': descendByLayer(scales, optim.adam(0.1), 100),
      'adafactor 0.1': descendByLayer(scales, optim.adafactor(0.1), 100),
      'adafactor 0.02': descendByLayer(scales, optim.adafactor(0.02), 100),
    }),
  },
  lamb: {
    title: 'log10 of the error, layers 100 and 0.1 to be doubled',
    xLabel: updates,
    lines: () => ({
      'adam 0.1': descendByLayer(scales, optim.adam(0.1), 100),
      'lamb 0.1': descendByLayer(scales, optim.lamb(0.1), 100),
      'lamb, cosine': descendByLayer(scales, optim.lamb(optim.cosineDecaySchedule({ initValue: 0.1, decaySteps: 100 })), 100),
    }),
  },
  lars: {
    title: 'log10 of the error, layers 100 and 0.1 to be doubled',
    xLabel: updates,
    lines: () => ({
      'sgd 0.009': descendByLayer(scales, optim.sgd(0.009), 100),
      'lars 1': descendByLayer(scales, optim.lars(1), 100),
      'lars 5': descendByLayer(scales, optim.lars(5), 100),
    }),
  },
  lbfgs: {
    title: inTheBend,
    xLabel: 'steps',
    lines: () => ({
      'adam 0.2': descend(rosenbrock, optim.adam(0.2), 45),
      lbfgs: minimizeBy(rosenbrock, optim.lbfgs(), 45),
    }),
  },
}
