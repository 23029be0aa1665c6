/** What the JavaScript engine and the system around it offer. */
interface NodeSystem {
  availableParallelism?(): number
  cpus(): readonly unknown[]
  totalmem(): number
}

/** A module of Node, without an import that would stop browsers; `undefined` elsewhere. */
export const builtin = (name: string): unknown => {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } }
  return process?.getBuiltinModule?.(name)
}

/** Cores that this process may use. */
export const cores = (): number => {
  const system = builtin('node:os') as NodeSystem | undefined
  if (system !== undefined) return system.availableParallelism?.() ?? system.cpus().length
  return (globalThis as { navigator?: { hardwareConcurrency?: number } }).navigator?.hardwareConcurrency ?? 1
}

/** Bytes of memory of the machine; 0 where nobody says. */
export const machineMemory = (): number => (builtin('node:os') as NodeSystem | undefined)?.totalmem() ?? 0

/** True where threads can share memory: everywhere but in pages that are not cross-origin isolated. */
export const canShare = (): boolean => {
  const { SharedArrayBuffer, crossOriginIsolated } = globalThis as { SharedArrayBuffer?: unknown; crossOriginIsolated?: boolean }
  return SharedArrayBuffer !== undefined && crossOriginIsolated !== false
}
