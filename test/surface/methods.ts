/** Methods of what public functions return: an optimizer's `update`, a layer's `apply`, a data set's `take`, a schedule itself. */
import { np, random } from 'adjoint'
import type { Subject } from './recorded.js'

type AnyFunction = (...args: unknown[]) => unknown

const params = { w: np.array([[1, 2, 3]]), b: np.array([0.5]) }
const x = np.array([
  [1, 2, 3],
  [4, 5, 6],
])
const labels = np.array([0, 1], { dtype: 'int32' })
const key = random.key(0)

/** What a method may be called with so that it has no reason to refuse; the first that works is its right call. */
const candidates = (owner: Readonly<Record<string, unknown>>): readonly (() => readonly unknown[])[] => {
  const call = (name: string, ...args: readonly unknown[]): unknown => (owner[name] as AnyFunction)(...args)
  return [
    () => [params, call('init', params), params],
    () => [call('init', key, [2, 3])],
    () => [key, [2, 3]],
    () => [[2, 3]],
    () => [params],
    () => [{ predictions: x, targets: x }],
    () => [{ logits: x, labels }],
    () => [call('summary', { predictions: x, targets: x })],
    () => [call('summary', { logits: x, labels })],
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

/** The methods of what `subjects` return for their first call; those that no candidate fits are left out. */
export const methodsOf = async (subjects: readonly Subject[]): Promise<readonly Subject[]> => {
  const found: Subject[] = []
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
      if (call === null) continue
      found.push({
        name: `${subject.name}().${name}`,
        entry: subject.entry,
        f: method as AnyFunction,
        calls: [call],
        of: { name: subject.name.split('.').at(-1)!, key: name },
      })
    }
  }
  return found
}
