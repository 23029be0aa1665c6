/** Collection in the middle of synchronous code, where finalizers do not run. */
import { builtin } from '../../core/builtin.js'
import type { Collect } from './residency.js'

interface NodeVm {
  readonly Script: new (code: string) => { runInContext(context: object): unknown }
  createContext(object: object, options: Readonly<Record<string, unknown>>): object
  runInNewContext(code: string): unknown
}
interface NodeV8 {
  setFlagsFromString(flag: string): void
}

const exposed = (vm: NodeVm): (() => void) => {
  const { gc } = globalThis as { gc?: () => void }
  if (gc !== undefined) return gc
  const v8 = builtin('node:v8') as NodeV8
  v8.setFlagsFromString('--expose-gc')
  try {
    return vm.runInNewContext('gc') as () => void
  } finally {
    v8.setFlagsFromString('--no-expose-gc')
  }
}

/** True when what is dropped is seen to be gone after `collect`. */
const works = (collect: () => void): boolean => {
  const drop = (): WeakRef<object> => new WeakRef({})
  const ref = drop()
  collect()
  return ref.deref() === undefined
}

let found: (() => void) | null | undefined
const find = (vm: NodeVm): (() => void) | null => {
  try {
    const gc = exposed(vm)
    // A weak reference holds its target until the job ends; the end of the microtasks of a context that has none ends it too.
    const context = vm.createContext({}, { microtaskMode: 'afterEvaluate' })
    const nothing = new vm.Script('0')
    const collect = (): void => {
      nothing.runInContext(context)
      gc()
    }
    return works(collect) ? collect : null
  } catch {
    return null
  }
}

/** How to collect; `null` where an engine cannot (all but Node). The way is looked for at the first call: it takes milliseconds. */
export const collector = (): Collect | null => {
  const vm = builtin('node:vm') as NodeVm | undefined
  if (vm === undefined) return null
  return () => {
    if (found === undefined) found = find(vm)
    found?.()
    return found !== null
  }
}
