/** Training, evaluation and checkpoints on a machine that answers later: what users write runs there as it stands, and `read` waits. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  configure,
  data,
  device,
  io,
  isTensor,
  jit,
  linearTranspose,
  losses,
  metrics,
  models,
  nn,
  np,
  optim,
  random,
  reference,
  tree,
  valueAndGrad,
} from '../../../src/index.js'
import type { Tensor } from '../../../src/index.js'
import { queuedMachine } from './queued.js'

interface Batch {
  readonly x: Tensor
  readonly y: Tensor
}

const before = device()
let machine = queuedMachine()
beforeEach(() => {
  machine = queuedMachine({ seed: 11 })
  configure({ backend: machine.backend })
})
afterEach(() => {
  configure({ backend: before, debugNans: false })
})

/** Images of two kinds of strokes. */
const images = (): { readonly x: Float32Array; readonly y: Int32Array } => {
  const [n, side] = [64, 6]
  const x = new Float32Array(n * side * side)
  const y = Int32Array.from({ length: n }, (_, k) => k % 2)
  for (let k = 0; k < n; k++)
    for (let i = 0; i < side; i++) x[k * side * side + (y[k] === 0 ? i * side + (k % side) : (k % side) * side + i)] = 1
  return { x, y }
}

const run = async () => {
  const { x, y } = images()
  const model = nn.sequential(nn.dense(36, 16), nn.relu, nn.dense(16, 2))
  const loss = (params: Parameters<typeof model.apply>[0], batch: Batch) =>
    losses.softmaxCrossEntropy(model.apply(params)(batch.x), batch.y)
  const optimizer = optim.chain(optim.clipByGlobalNorm(1), optim.adam(1e-2))
  const step = jit(
    (params: Parameters<typeof model.apply>[0], state: ReturnType<typeof optimizer.init>, batch: Batch) => {
      const [value, grads] = valueAndGrad(loss)(params, batch)
      const [updates, next] = optimizer.update(grads, state, params)
      return [optim.applyUpdates(params, updates), next, value] as const
    },
    { donate: [0, 1] },
  )
  const set = {
    x: np.fromTransferable({ dtype: 'float32', shape: [64, 36], weak: false, data: x }),
    y: np.fromTransferable({ dtype: 'int32', shape: [64], weak: false, data: y }),
  }
  let params = model.init(random.key(0))
  let state = optimizer.init(params)
  const history: Tensor[] = []
  for (let epoch = 0; epoch < 4; epoch++)
    for (const batch of data.batches(set, { size: 16, order: await random.permutation(random.key(epoch), 64).read() })) {
      const [p, s, value] = step(params, state, batch)
      ;[params, state] = [p, s]
      history.push(value)
    }
  const score = metrics.accuracy()
  const predictions = jit((p: typeof params, images: Tensor) => model.apply(p)(images))(params, set.x)
  const accuracy = metrics.evaluate(score)([{ predictions, targets: set.y }])
  const kept = io.checkpoints({ dir: 'run', like: { params, state }, files: data.memoryFiles() })
  const saved = await kept.save(16, { params, state })()
  const restored = await kept.latest()
  return { history, params, saved, restored, accuracy }
}

const elementsOf = async (t: unknown): Promise<readonly (readonly number[])[]> =>
  Promise.all(tree.leaves(t).map(async (x) => (isTensor(x) ? [...(await x.read())] : [])))

describe('the learning stack, on a machine that answers later', () => {
  it('learns as on the reference, measures and keeps checkpoints', async () => {
    const later = await run()
    const got = await elementsOf({ history: later.history, params: later.params, accuracy: later.accuracy })
    expect(later.saved).toEqual({ _tag: 'Right', right: 'run/checkpoint-000000000016.safetensors' })
    const { right } = later.restored as { readonly right: { readonly value: { readonly value: { readonly params: unknown } } } }
    const [kept, made] = [await elementsOf(right.value.value.params), await elementsOf(later.params)]
    expect(kept).toEqual(made)
    configure({ backend: reference })
    const now = await run()
    const expected = await elementsOf({ history: now.history, params: now.params, accuracy: now.accuracy })
    expect(got.map((x) => x.length)).toEqual(expected.map((x) => x.length))
    const apart = got.map((x, k) => Math.max(...x.map((v, i) => Math.abs(v - expected[k]![i]!))))
    expect(Math.max(...apart)).toBeLessThan(1e-6)
    // it has learned something
    expect((await now.history.at(-1)!.read())[0]).toBeLessThan(0.3)
  }, 120_000)
})

describe('what reads values, on a machine that answers later', () => {
  const far = async (x: Tensor): Promise<readonly number[]> => [...(await x.read())]
  const there = (...values: number[]): Tensor => np.mul(np.array(values), 1)

  it('folds constants without asking the machine', () => {
    const f = jit((x: Tensor) => np.mul(x, np.exp(np.add(np.array(1), np.sin(np.array(2))))))
    const x = np.ones([3])
    const logged = machine.log.length
    f(x)
    expect(machine.log.slice(logged)).toEqual(['mul'])
  })
  it('checks indices of the host, and refuses to check those that it cannot know', () => {
    const x = there(1, 2, 3)
    expect(() => np.take(x, np.array([5], { dtype: 'int32' }), { mode: 'throw' })).toThrow(/index 5 is out of range/)
    const indices = np.add(np.array([5], { dtype: 'int32' }), np.array([0], { dtype: 'int32' }))
    expect(() => np.take(x, indices, { mode: 'throw' })).toThrow(/in the memory of queued, which is read asynchronously/)
  })
  it('marks what is out of range', async () => {
    const indices = np.add(np.array([5, 1], { dtype: 'int32' }), np.array([0], { dtype: 'int32' }))
    expect(await far(np.take(there(1, 2, 3), indices))).toEqual([NaN, 2])
  })
  it('finds a constant of the host that makes a map not linear, and takes for zero what it cannot know', async () => {
    expect(() => linearTranspose((x: Tensor) => np.add(x, np.array([1, 2, 3])), np.zeros([3]))).toThrow(/adds a constant/)
    const one = there(1, 1, 1)
    const transposed = linearTranspose((x: Tensor) => np.add(x, one), np.zeros([3]))
    const [ct] = tree.leaves(transposed(np.array([1, 2, 3]))) as readonly Tensor[]
    expect(await far(ct!)).toEqual([1, 2, 3])
  })
  it('names the way out where a key draws an order, and where NaN are looked for', () => {
    expect(() => data.batches({ x: np.ones([4]) }, { size: 2, key: random.key(0) })).toThrow(
      /await random.permutation\(key, rows\).read\(\)/,
    )
    configure({ debugNans: true })
    expect(() => np.log(np.array([-1]))).toThrow(/debugNans: memory of queued is read asynchronously[^]*backend: 'reference'/)
  })
  it('lets a text go on without a check of its length', async () => {
    const model = models.gpt(5, { context: 4, features: 8, layers: 1, heads: 2 })
    const params = model.init(random.key(0))
    const ids = np.array([[1, 2, 3]], { dtype: 'int32' })
    expect((await far(model.apply(params)(ids))).length).toBe(15)
    expect(() => model.apply(params)(np.zeros([1, 5], { dtype: 'int32' }))).toThrow(/5 tokens are more than the 4/)
  })
})
