/** Methods of what public functions return: an optimizer's `update`, a layer's `apply`, a data set's `take`, a schedule itself. */
import { np, random } from 'adjoint'
import type { Tensor } from 'adjoint'
import type { Subject } from './recorded.js'

type AnyFunction = (...args: unknown[]) => unknown

const params = { w: np.array([[1, 2, 3]]), b: np.array([0.5]) }
const x = np.array([
  [1, 2, 3],
  [4, 5, 6],
])
const labels = np.array([0, 1], { dtype: 'int32' })
const key = random.key(0)

const scores = np.array([0.25, 0.75])

/** Batches that metrics take: of numbers, of classes by their scores, of probabilities. */
const batches: readonly object[] = [
  { predictions: x, targets: x },
  { logits: x, labels },
  { predictions: x, targets: labels },
  { predictions: np.array([[0.25, 0.75], [0.5, 0.5]]), targets: labels }, // prettier-ignore
  { predictions: labels, targets: labels },
  { predictions: scores, targets: labels },
  { values: x },
  { predictions: np.ones([2, 1, 3]), targets: np.array([[0], [1]], { dtype: 'int32' }) },
]

/** Shapes that small layers take: rows, images. */
const shapes: readonly (readonly number[])[] = [
  [2, 3],
  [2, 8],
  [2, 784],
  [1, 1, 28, 28],
  [1, 4],
]

/** Methods without a right call, and why. */
export const known: Readonly<Record<string, string>> = Object.fromEntries(
  ['squeezeNet', 'vgg16', 'resNet18', 'resNet34', 'resNet50', 'resNet101', 'resNet152'].flatMap((model) =>
    ['init', 'apply', 'applyWithState'].map((method) => [
      `models.${model}().${method}`,
      'a layer as nn.dense and models.leNet are, whose parameters take seconds to make',
    ]),
  ),
)

/** What a method may be called with so that it has no reason to refuse; the first that works is its right call. */
const candidates = (owner: Readonly<Record<string, unknown>>): readonly (() => readonly unknown[])[] => {
  const call = (name: string, ...args: readonly unknown[]): unknown => (owner[name] as AnyFunction)(...args)
  return [
    () => [params, call('init', params), params],
    ...shapes.map((shape) => () => [call('init', key, shape)]),
    ...shapes.map((shape) => () => [key, shape]),
    ...shapes.map((shape) => () => [shape]),
    () => [(t: Tensor) => np.sum(np.square(t)), x],
    () => [(t: Tensor) => np.sum(np.square(t)), call('init', (t: Tensor) => np.sum(np.square(t)), x)],
    () => [(t: Tensor) => t],
    () => [],
    () => [params],
    ...batches.map((batch) => () => [batch]),
    ...batches.map((batch) => () => [call('summary', batch)]),
    () => [{ done: 1, total: 10 }],
    () => ['hello'],
    () => [[0]],
    () => [0],
    () => ['a'],
    () => [x],
  ]
}

const isPlain = (v: unknown): v is Readonly<Record<string, unknown>> =>
  typeof v === 'object' && v !== null && Object.getPrototypeOf(v) === Object.prototype

/** The first call of `method` that returns. */
const rightCall = async (owner: Readonly<Record<string, unknown>>, method: AnyFunction): Promise<readonly unknown[] | null> => {
  for (const make of candidates(owner)) {
    try {
      const args = make()
      await method(...args)
      return args
    } catch {
      // not this one
    }
  }
  return null
}

const soon = (value: unknown): Promise<unknown> => Promise.race([value, new Promise((done) => setTimeout(done, 3000, null))])

/** What is not for those who call a layer, a data set or an optimizer, and why. */
const isPart = (subject: Subject, method: string): boolean =>
  // The part of a layer that containers call, which is marked internal.
  method === 'run' ||
  // Files and the world of tests: they stand for the platform, and what hands them a path has checked it.
  /^data\.memory(World|Files)$/.test(subject.name)

/** The methods of what `subjects` return for their first call, and the names of those that no candidate fits. */
export const methodsOf = async (
  subjects: readonly Subject[],
): Promise<{ readonly found: readonly Subject[]; readonly unfitted: readonly string[] }> => {
  const found: Subject[] = []
  const unfitted: string[] = []
  for (const subject of subjects) {
    const [args] = subject.calls
    if (args === undefined) continue
    let returned: unknown = null
    try {
      returned = await soon(subject.f(...args))
    } catch {
      continue
    }
    if (!isPlain(returned)) continue
    for (const [name, method] of Object.entries(returned)) {
      if (typeof method !== 'function' || /^class\b/.test(Function.prototype.toString.call(method))) continue
      if (isPart(subject, name)) continue
      const call = await rightCall(returned, method as AnyFunction)
      if (call === null) {
        unfitted.push(`${subject.name}().${name}`)
        continue
      }
      found.push({
        name: `${subject.name}().${name}`,
        entry: subject.entry,
        f: method as AnyFunction,
        calls: [call],
        of: { name: subject.name.split('.').at(-1)!, key: name, given: typeof returned['name'] === 'string' ? returned['name'] : name },
      })
    }
  }
  return { found, unfitted }
}
