/** The laws of layers: init and apply agree about shapes, and both are pure. */
import fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import type { Tensor } from '../src/index.js'
import { evalShape, isTensor, jit, random, shapeDtype, tree } from '../src/index.js'
import { elements, showTensor } from './compare.js'
import { checkGrads } from './checkGrads.js'
import { arbitrary, check, flag, having, optionsOf } from './check.js'
import type { LawOptions } from './law.js'
import { broken, forAll, lawMeanings } from './law.js'
import { expectSame } from './same.js'

/** What these laws ask of a layer. */
export interface LayerSubject<P, S> {
  /** Parameters. */
  readonly init: (key: Tensor, inputShape?: readonly number[]) => P
  /** State before the first application. */
  readonly initState: (inputShape?: readonly number[]) => S
  /** The output and the next state. */
  readonly applyWithState: (
    params: P,
    context?: { readonly key?: Tensor; readonly train?: boolean; readonly state?: S },
  ) => (x: Tensor) => readonly [Tensor, S]
}

/** Options of `layer`. */
export interface LayerOptions extends LawOptions {
  /** Check the derivatives by every parameter as well. */
  readonly smooth?: boolean
}

const layerOf = optionsOf<LayerOptions>({ ...lawMeanings, smooth: flag })

const shapesOf = (t: unknown): string =>
  tree
    .leaves(t)
    .map((x) => (typeof x === 'object' ? `${x.dtype}[${x.shape.join(',')}]` : typeof x))
    .join(' ')

/** The largest finite magnitude among the elements of floating tensors. */
const largest = (t: unknown): number =>
  tree
    .leaves(t)
    .filter((x): x is Tensor => isTensor(x) && (x.dtype === 'float32' || x.dtype === 'float64'))
    .reduce((most, x) => elements(x).reduce((m, v) => (Number.isFinite(v) ? Math.max(m, Math.abs(v)) : m), most), 0)

/**
 * Law: parameters drawn for an input's shape fit that input; their shapes do not depend on the key, and the same key draws
 * them again; the output's shape is the one that `evalShape` foretells; the state after a step is like the one before it;
 * compiled is eager, to 16 units in the last place of the largest number that goes in or comes out: fusion rounds in other
 * places, and what cancels shows it. With `smooth`, derivatives by every parameter are checked as well.
 */
export const layer = <P, S>(subject: LayerSubject<P, S>, inputs: Arbitrary<Tensor>, options?: LayerOptions): void => {
  check('layer', 'subject', having('a layer', 'nn.dense(3, 2)', 'init', 'initState', 'applyWithState'), subject)
  check('layer', 'inputs', arbitrary, inputs)
  const { smooth = false, ...rest } = layerOf('layer', options)
  forAll(
    'init and apply of a layer agree',
    fc.record({ x: inputs, seed: fc.nat(999) }),
    ({ x, seed }) => `key ${seed}, input ${showTensor(x, 16)}`,
    ({ x, seed }) => {
      const key = random.key(seed)
      const params = subject.init(key, x.shape)
      const state = subject.initState(x.shape)
      expectSame('parameters of the same key', subject.init(key, x.shape), params)
      const other = subject.init(random.key(seed + 1), x.shape)
      if (!tree.sameStructure(other, params) || shapesOf(other) !== shapesOf(params))
        broken(`parameters of another key: ${shapesOf(other)}, expected ${shapesOf(params)}`)
      for (const train of [false, true]) {
        const run = (p: P, s: S, input: Tensor): readonly [Tensor, S] => subject.applyWithState(p, { train, key, state: s })(input)
        const [y, after] = run(params, state, x)
        const foretold = evalShape((input: Tensor) => run(params, state, input)[0], shapeDtype(x.shape, x.dtype))
        if (String(foretold.shape) !== String(y.shape) || foretold.dtype !== y.dtype)
          broken(`evalShape foretells ${shapesOf(foretold)}, apply gives ${shapesOf(y)}`)
        if (!tree.sameStructure(after, state) || shapesOf(after) !== shapesOf(state))
          broken(`the state after a step is ${shapesOf(after)}, before it ${shapesOf(state)}`)
        expectSame('the same step again', run(params, state, x), [y, after])
        expectSame('under jit', jit(run)(params, state, x), [y, after], { ulp: 16, scale: largest([params, x, y, after]) })
      }
      if (smooth) checkGrads((p: P, input: Tensor) => subject.applyWithState(p, { key, state })(input)[0], [params, x], { order: 1 })
    },
    { numRuns: 20, ...rest },
  )
}
