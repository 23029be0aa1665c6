/** What the JavaScript engine and the system around it offer. */
import { builtin } from '../../core/builtin.js'

interface NodeSystem {
  availableParallelism?(): number
  cpus(): readonly unknown[]
  totalmem(): number
}

/** What the system says; `undefined` where there is none, or where asking is not permitted, as in Deno. */
const ask = <A>(question: (system: NodeSystem) => A): A | undefined => {
  const system = builtin('node:os') as NodeSystem | undefined
  try {
    return system === undefined ? undefined : question(system)
  } catch {
    return undefined
  }
}

/** Cores that this process may use. */
export const cores = (): number =>
  ask((system) => system.availableParallelism?.() ?? system.cpus().length) ??
  (globalThis as { navigator?: { hardwareConcurrency?: number } }).navigator?.hardwareConcurrency ??
  1

/** Bytes of memory of the machine; 0 where nobody says. */
export const machineMemory = (): number => ask((system) => system.totalmem()) ?? 0

/** True where threads can share memory: everywhere but in pages that are not cross-origin isolated. */
export const canShare = (): boolean => {
  const { SharedArrayBuffer, crossOriginIsolated } = globalThis as { SharedArrayBuffer?: unknown; crossOriginIsolated?: boolean }
  return SharedArrayBuffer !== undefined && crossOriginIsolated !== false
}
